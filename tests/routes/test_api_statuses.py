"""Writing, reading, editing and deleting posts. https://docs.joinmastodon.org/methods/statuses/"""

import asyncio

import aiohttp
import pytest

from fediverse_kommune.models import IdempotencyKey
from tests.client import anonymous, app_of
from tests.town import Town


async def test_every_body_is_read_alike(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    fields = {"status": "Grüße", "spoiler_text": "Wetter", "sensitive": "1", "visibility": "unlisted", "language": "de"}
    for shape in ["json", "form", "multipart"]:
        with subtests.test(shape=shape):
            if shape == "json":
                status = await anna.post("/api/v1/statuses", json=fields)
            elif shape == "form":
                status = await anna.post("/api/v1/statuses", data=fields)
            else:
                status = await anna.post("/api/v1/statuses", data=aiohttp.FormData(fields, default_to_multipart=True))
            assert status["content"] == "<p>Grüße</p>"
            assert status["spoiler_text"] == "Wetter"
            assert status["sensitive"] is True
            assert status["visibility"] == "unlisted"
            assert status["language"] == "de"


YES: tuple[object, ...] = ("1", "on", "true", 1, True)
NO: tuple[object, ...] = ("0", "off", "false", 0, False)


async def test_every_way_to_say_yes_and_no(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for sent, read in [*((word, True) for word in YES), *((word, False) for word in NO)]:
        with subtests.test(sent=sent, read=read):
            assert (await anna.write("x", sensitive=sent))["sensitive"] is read


async def test_what_one_writes_is_there_for_others(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    written = await anna.write("Hallo #Straßenfest https://stadt.example/fest")
    read = await anonymous(stadt).get(f"/api/v1/statuses/{written['id']}")
    assert read["account"]["acct"] == "anna"
    assert read["tags"] == [{"name": "Straßenfest", "url": f"{stadt.origin}/tags/strassenfest"}]
    assert 'href="https://stadt.example/fest"' in read["content"]
    assert "favourited" not in read, "nobody has done anything with it"
    assert isinstance(read["id"], str)


async def test_several_posts_by_id_in_their_order(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    first, second = await anna.write("eins"), await anna.write("zwei")
    for query in (f"id[]={second['id']}&id[]={first['id']}", f"id={second['id']}&id={first['id']}&id=1"):
        found = await anonymous(stadt).get(f"/api/v1/statuses?{query}")
        assert [status["id"] for status in found] == [second["id"], first["id"]]


async def test_a_mention_reaches_who_is_meant(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    status = await anna.write("Hallo @bert und @niemand", visibility="direct")
    assert [mention["acct"] for mention in status["mentions"]] == ["bert"]
    assert "@niemand" in status["content"]
    assert (await bert.get(f"/api/v1/statuses/{status['id']}"))["visibility"] == "direct"


async def test_what_cannot_be_published_is_refused_with_a_sentence(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for fields, sentence in [
        ({"status": "  "}, "A post needs a text or a picture."),
        ({"status": "x" * 5_001}, "The post is longer than 5000 characters."),
        ({"status": "x", "visibility": "secret"}, "visibility is public, unlisted, private or direct."),
        ({"status": "x", "sensitive": "maybe"}, "sensitive is true or false, not 'maybe'."),
        ({"status": "x", "language": "so'; --"}, '"so\'; --" is no language tag such as de or en-GB.'),
        ({"status": "x", "media_ids": ["1"]}, "One of the files does not exist, or is shown by a post already."),
        ({"status": "a\u0000b"}, "The body holds a NUL character."),
    ]:
        with subtests.test(fields=fields, sentence=sentence):
            reply = await anna.ask("POST", "/api/v1/statuses", json=fields)
            assert (reply.status, reply.json["error"]) == (422, sentence)
            assert await anna.get(f"/api/v1/accounts/{anna.id}/statuses") == []


async def test_links_and_remote_handles_count_as_people_see_them(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    link = "https://stadt.example/" + "x" * 200
    assert (await anna.ask("POST", "/api/v1/statuses", json={"status": f"{'x' * 4_976} {link}"})).status == 200
    assert (await anna.ask("POST", "/api/v1/statuses", json={"status": f"{'x' * 4_977} {link}"})).status == 422


async def test_an_idempotency_key_publishes_once(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    key = {"Idempotency-Key": "abc"}
    first = await anna.post("/api/v1/statuses", json={"status": "eins"}, headers=key)
    again = await anna.post("/api/v1/statuses", json={"status": "eins"}, headers=key)
    other = await bert.post("/api/v1/statuses", json={"status": "eins"}, headers=key)
    assert first["id"] == again["id"] != other["id"]


async def test_an_idempotency_key_publishes_once_even_at_the_same_time(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    key = {"Idempotency-Key": "abc"}
    sent = (anna.post("/api/v1/statuses", json={"status": "eins"}, headers=key) for _ in range(5))
    ids = {status["id"] for status in await asyncio.gather(*sent)}
    assert len(ids) == 1
    assert len(await anna.get(f"/api/v1/accounts/{anna.id}/statuses")) == 1
    assert await stadt.count(IdempotencyKey) == 1


async def test_an_edit_keeps_what_was_said_before(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Um 18 Uhr", spoiler_text="Termin")
    path = f"/api/v1/statuses/{status['id']}"
    assert (await anna.get(f"{path}/source"))["text"] == "Um 18 Uhr"
    edited = await anna.put(path, json={"status": "Um 19 Uhr"})
    assert edited["content"] == "<p>Um 19 Uhr</p>"
    assert edited["edited_at"]
    history = await anonymous(stadt).get(f"{path}/history")
    assert [(version["content"], version["spoiler_text"]) for version in history] == [
        ("<p>Um 18 Uhr</p>", "Termin"),
        ("<p>Um 19 Uhr</p>", ""),
    ]


async def test_only_the_author_edits_deletes_and_sees_the_source(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"/api/v1/statuses/{(await anna.write('mein'))['id']}"
    assert (await bert.ask("PUT", path, json={"status": "deins"})).status == 404
    assert (await bert.ask("DELETE", path)).status == 404
    assert (await bert.ask("GET", f"{path}/source")).status == 404
    assert (await anna.get(path))["content"] == "<p>mein</p>"


async def test_a_deleted_post_is_gone_and_its_text_comes_back_to_the_author(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Um *18* Uhr")
    deleted = await anna.delete(f"/api/v1/statuses/{status['id']}")
    assert deleted["text"] == "Um *18* Uhr"
    for client in (anna, anonymous(stadt)):
        assert (await client.ask("GET", f"/api/v1/statuses/{status['id']}")).status == 404
    assert await anna.get("/api/v1/timelines/home") == []


async def test_the_context_is_the_conversation_around_a_post(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    root = await anna.write("1")
    first = await bert.write("1.1", in_reply_to_id=root["id"])
    second = await bert.write("1.2", in_reply_to_id=root["id"])
    below = await anna.write("1.1.1", in_reply_to_id=first["id"])
    around = await anonymous(stadt).get(f"/api/v1/statuses/{root['id']}/context")
    assert around["ancestors"] == []
    assert [status["id"] for status in around["descendants"]] == [first["id"], below["id"], second["id"]]
    around = await anonymous(stadt).get(f"/api/v1/statuses/{below['id']}/context")
    assert [status["id"] for status in around["ancestors"]] == [root["id"], first["id"]]
    assert (await anna.get(f"/api/v1/statuses/{root['id']}"))["replies_count"] == 2


async def test_a_context_leaves_out_what_its_reader_may_not_read(stadt: Town) -> None:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    root = await anna.write("alle")
    secret = await bert.write("@anna leise", in_reply_to_id=root["id"], visibility="direct")
    shown = {
        name: await who.get(f"/api/v1/statuses/{root['id']}/context")
        for name, who in (("anna", anna), ("carla", carla), ("nobody", anonymous(stadt)))
    }
    assert [status["id"] for status in shown["anna"]["descendants"]] == [secret["id"]]
    assert shown["carla"]["descendants"] == shown["nobody"]["descendants"] == []


async def test_an_answer_to_a_deleted_post_says_so(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    reply = await anna.ask("POST", "/api/v1/statuses", json={"status": "x", "in_reply_to_id": "123"})
    assert (reply.status, reply.json["error"]) == (404, "The post you are answering does not exist any more.")
