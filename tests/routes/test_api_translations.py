"""Posts in other languages, by a translator that is configured. https://docs.joinmastodon.org/methods/statuses/#translate"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tests.client import anonymous, app_of
from tests.pictures import picture, upload
from tests.security.hostile_pages import VECTORS, printable
from tests.town import Town, town
from tests.translator import Libre, libre


@pytest.fixture
async def translator() -> AsyncIterator[Libre]:
    async with libre() as running:
        yield running


@pytest.fixture
async def stadt(database_url: str, tmp_path: Path, translator: Libre) -> AsyncIterator[Town]:
    async with town(database_url, tmp_path / "stadt", translation=translator.config) as running:
        yield running


async def test_a_post_in_another_language_with_all_its_parts(stadt: Town, translator: Libre) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    file = (await upload(anna, picture("JPEG", (20, 10)), description="Guten Tag & mehr")).json
    status = await anna.write("Guten Tag", spoiler_text="Guten Tag", language="de-AT", media_ids=[file["id"]])
    path = f"/api/v1/statuses/{status['id']}/translate"
    assert await bert.post(path, json={"lang": "en"}) == {
        "content": "<p>Good day</p>",
        "spoiler_text": "Good day",
        "language": "en",
        "poll": None,
        "media_attachments": [{"id": file["id"], "description": "Good day & mehr"}],
        "detected_source_language": "de",
        "provider": "LibreTranslate",
    }
    assert translator.asked == [
        {
            "q": ["<p>Guten Tag</p>", "Guten Tag", "Guten Tag &amp; mehr"],
            "source": "de",
            "target": "en",
            "format": "html",
            "api_key": "geheim",
        }
    ]


async def test_the_options_of_a_poll_too(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    poll = {"options": ["Guten Tag", "a < b"], "expires_in": 600}
    status = await anna.write("Wie?", language="de", poll=poll)
    made = await anna.post(f"/api/v1/statuses/{status['id']}/translate", json={"lang": "en"})
    assert made["poll"] == {"id": status["id"], "options": [{"title": "Good day"}, {"title": "a < b"}]}


async def test_an_unknown_language_is_guessed_and_ones_own_is_the_default(stadt: Town, translator: Libre) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Good day", language="en")
    made = await anna.post(f"/api/v1/statuses/{status['id']}/translate")
    assert (made["language"], translator.asked[-1]["source"]) == ("de", "en")


async def test_what_the_translator_says_passes_the_sanitiser(stadt: Town, translator: Libre) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Guten Tag", spoiler_text="Guten Tag", language="de")
    translator.answer = lambda _text: printable("".join(VECTORS))
    made = await anna.post(f"/api/v1/statuses/{status['id']}/translate", json={"lang": "en"})
    shown = made["content"].lower()
    assert not any(mark in shown for mark in ("<script", "<iframe", "<img", "<svg", "onerror=", "srcdoc="))
    assert "<script" not in made["spoiler_text"].lower() or "&lt;" not in made["spoiler_text"]


@pytest.mark.parametrize("fields", [{"visibility": "private"}, {"local_only": True}, {"language": "fr"}])
async def test_what_is_not_translated(stadt: Town, translator: Libre, fields: dict[str, Any]) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Guten Tag", **({"language": "de"} | fields))
    reply = await anna.ask("POST", f"/api/v1/statuses/{status['id']}/translate", json={"lang": "en"})
    assert (reply.status, reply.json) == (403, {"error": "This action is not allowed"})
    assert translator.asked == []


async def test_what_one_may_not_read_does_not_exist(stadt: Town, translator: Libre) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("leise", visibility="direct", language="de")
    for status_id in (status["id"], "1"):
        reply = await bert.ask("POST", f"/api/v1/statuses/{status_id}/translate", json={"lang": "en"})
        assert (reply.status, reply.json) == (404, {"error": "Record not found"})
    assert (await anonymous(stadt).ask("POST", f"/api/v1/statuses/{status['id']}/translate")).status == 401
    assert translator.asked == []


async def test_a_translator_that_fails_is_said_so(stadt: Town, translator: Libre) -> None:
    anna = await app_of(stadt, "anna")
    path = f"/api/v1/statuses/{(await anna.write('Guten Tag', language='de'))['id']}/translate"
    translator.status = 500
    assert (await anna.ask("GET", "/api/v1/instance/translation_languages")).status == 503
    assert (await anna.ask("POST", path, json={"lang": "en"})).status == 503
    translator.status = 200
    assert (await anna.ask("POST", path, json={"lang": "en"})).status == 200
    translator.status = 429
    assert (await anna.ask("POST", path, json={"lang": "en"})).status == 503


async def test_languages_are_asked_once(stadt: Town, translator: Libre) -> None:
    client = anonymous(stadt)
    path = "/api/v1/instance/translation_languages"
    found = await asyncio.gather(*(client.get(path) for _ in range(3)))
    assert found[0] == {"de": ["en"], "en": ["de"]}
    assert translator.listed == 1
    assert (await client.get("/api/v2/instance"))["configuration"]["translation"] == {"enabled": True}


async def test_without_a_translator_there_is_none(database_url: str, tmp_path: Path) -> None:
    async with town(database_url, tmp_path / "dorf") as dorf:
        anna = await app_of(dorf, "anna")
        status = await anna.write("Guten Tag", language="de")
        reply = await anna.ask("POST", f"/api/v1/statuses/{status['id']}/translate", json={"lang": "en"})
        assert (reply.status, reply.json) == (404, {"error": "Record not found"})
        assert await anna.get("/api/v1/instance/translation_languages") == {}
        assert (await anna.get("/api/v2/instance"))["configuration"]["translation"] == {"enabled": False}
