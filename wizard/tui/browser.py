"""The person's browser, if it has a window of its own."""

from __future__ import annotations

TEXT_BROWSERS = frozenset({"www-browser", "links", "links2", "elinks", "lynx", "w3m", "browsh"})


def open_beside(url: str) -> bool:
    """Open a page of the web; False where there is no browser for it but one that would draw over this program."""
    import webbrowser

    if not url.startswith(("https://", "http://")):
        return False
    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    return getattr(browser, "basename", "") not in TEXT_BROWSERS and browser.open(url)
