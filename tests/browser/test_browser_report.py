"""The HTML report of `verify --cases` in a real browser: read, opened up, and nothing in it runs."""

from __future__ import annotations

import os
from pathlib import Path

from tests.browser.chromium import Browser
from tests.cases.test_html_report import HOSTILE, report
from wizard.core.cases.html_report import write_html


async def test_browser_report_is_read_and_nothing_in_it_runs(browser: Browser, tmp_path: Path) -> None:
    pictures = Path(os.environ.get("WIZARD_PICTURES", tmp_path))
    file = tmp_path / "report.html"
    long = f"{HOSTILE} {'x' * 400}"
    file.write_text(
        write_html(report(3, text=long), lambda each: f"outlines-wizard call app --prompt {each.case.line}")
    )
    said = await browser.open(file.as_uri())
    assert "0% right" in said and "Required: 90%. It is not reached." in said and "Wrong answers (3)" in said
    assert "<script>alert(1)</script>" in said, "what came from outside is shown as text"
    assert await browser.evaluate("document.querySelectorAll('script, img').length") == 0
    await browser.evaluate("document.getElementById('line-2').open = true")
    said = await browser.reads("outlines-wizard call app --prompt 2")
    assert "expected" in said
    await browser.photograph(pictures / "cases-report.png")
    wide = "document.documentElement.scrollWidth <= document.documentElement.clientWidth"
    assert await browser.evaluate(wide), "the report is wider than the window"
    await browser.command("Emulation.setDeviceMetricsOverride", width=390, height=800, deviceScaleFactor=1, mobile=True)
    assert await browser.evaluate(wide), "the report is wider than a phone"
