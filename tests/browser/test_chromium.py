"""The browser of the browser tests renders, runs scripts and speaks German; a missing one is explained."""

import asyncio
from pathlib import Path

import pytest
from playwright.async_api import Page

from tests.browser.chromium import ChromiumNotFoundError, find_chromium

DOCUMENT = """<!doctype html><html lang="de"><title>Musterstadt</title><h1>Grüß Gott</h1>
<button onclick="this.textContent = navigator.language">Sprache</button></html>"""


async def _answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    body = DOCUMENT.encode()
    writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: text/html; charset=utf-8\r\n")
    writer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    await writer.drain()
    writer.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_a_page_of_a_loopback_server_is_rendered_and_alive(page: Page) -> None:
    server = await asyncio.start_server(_answer, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        await page.goto(f"http://127.0.0.1:{port}/")
        assert await page.title() == "Musterstadt"
        assert await page.inner_text("h1") == "Grüß Gott"
        await page.click("button")
        assert await page.inner_text("button") == "de-DE"


def test_a_machine_without_chromium_is_told_how_to_get_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KOMMUNE_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("tests.browser.chromium.UNPACKED", tmp_path)
    with pytest.raises(ChromiumNotFoundError, match="apt-get install chromium"):
        find_chromium()
