"""The README's moving picture plays in a browser as an image, which runs no script and loads nothing."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.browser.chromium import Browser
from tests.support.person import CHECKOUT


@pytest.mark.long
async def test_browser_plays_the_moving_picture(browser: Browser, tmp_path: Path) -> None:
    page = tmp_path / "readme.html"
    picture = (CHECKOUT / "assets/pictures/demo.svg").as_uri()
    page.write_text(f'<p>README</p><img src="{picture}" width="800" alt="not shown">')
    assert "not shown" not in await browser.open(page.as_uri())
    size = "[document.images[0].naturalWidth, document.images[0].naturalHeight]"
    assert await browser.evaluate(f"document.images[0].decode().then(() => {size})") != [0, 0]
    photographs = []
    for number in range(4):
        await browser.photograph(tmp_path / f"{number}.png")
        photographs.append((tmp_path / f"{number}.png").read_bytes())
        await asyncio.sleep(1.5)
    assert len(set(photographs)) >= 3, "it stands still"
