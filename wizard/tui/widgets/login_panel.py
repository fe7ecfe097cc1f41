"""A browser login that waits: the code, the address, and the address as a QR code where there is room."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.widgets import Static

from wizard.core.access_token import clean_line
from wizard.flow.ports.hub import DeviceLogin
from wizard.tui.widgets.qr import qr_lines


class LoginPanel(Horizontal):
    """Hidden until a login has begun."""

    DEFAULT_CSS = """
    LoginPanel { display: none; height: auto; }
    LoginPanel .words { width: 1fr; height: auto; }
    LoginPanel .qr { width: auto; height: auto; margin-left: 2; }
    .-narrow LoginPanel .qr, .-short LoginPanel .qr { display: none; }
    """

    def compose(self) -> ComposeResult:
        with Vertical(classes="words"):
            yield Static(classes="text", markup=False)
        yield Static(classes="qr", markup=False)

    def show(self, login: DeviceLogin) -> None:
        """Everything that the person needs to approve the login."""
        self.display = True
        words = Content.assemble(
            ("… Waiting for your browser\n", "$warning bold"),
            "Open  ",
            (clean_line(login.url, 200), "underline"),
            "\nCode  ",
            (clean_line(login.user_code, 40), "bold reverse"),
            f"\n\nThe code is valid for {login.expires_in / 60:.0f} minutes. ",
            (
                "This login lasts 30 days at most. A deployed function needs a token that lasts: paste one (p).",
                "$quiet",
            ),
            "\nPress o to open the page, c to copy its address, Esc to stop waiting.",
        )
        self.query_one(".text", Static).update(words)
        lines = qr_lines(login.url_with_code, dark_screen=self.app.current_theme.dark)
        self.query_one(".qr", Static).update(Content("\n".join(lines or [])))

    def put_away(self) -> None:
        """Hide it."""
        self.display = False
