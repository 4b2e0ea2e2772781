"""A translator on this machine, as LibreTranslate answers. https://docs.libretranslate.com/api/"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from fediverse_kommune.config import TranslationConfig


@dataclass(slots=True)
class Libre:
    """A translator that turns every text into `<p>[text]</p>`, or into whatever a test wants."""

    port: int = 0
    asked: list[dict[str, Any]] = field(default_factory=list)
    answer: Callable[[str], str] = lambda text: text.replace("Guten Tag", "Good day")
    status: int = 200
    listed: int = 0

    @property
    def config(self) -> TranslationConfig:
        return TranslationConfig(f"http://127.0.0.1:{self.port}/", "geheim", ("127.0.0.0/8",))

    async def languages(self, _request: web.Request) -> web.Response:
        self.listed += 1
        rows = [{"code": "de", "name": "German", "targets": ["de", "en"]}, {"code": "en", "targets": ["de", "en"]}]
        return web.json_response(rows, status=self.status)

    async def translate(self, request: web.Request) -> web.Response:
        question = await request.json()
        self.asked.append(question)
        body: dict[str, Any] = {"translatedText": [self.answer(text) for text in question["q"]]}
        if question["source"] == "auto":
            body["detectedLanguage"] = [{"language": "de", "confidence": 90.0} for _ in question["q"]]
        return web.json_response(body, status=self.status)


@asynccontextmanager
async def libre() -> AsyncIterator[Libre]:
    translator = Libre()
    app = web.Application()
    app.router.add_get("/languages", translator.languages)
    app.router.add_post("/translate", translator.translate)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    translator.port = runner.addresses[0][1]
    yield translator
    await runner.cleanup()
