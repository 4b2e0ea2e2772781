"""I05: whoever was blocked does not reach the other by editing what had come before."""

from tests.client import app_of
from tests.fediverse import Remote
from tests.town import Town


async def test_an_edit_of_an_older_message_is_neither_shown_nor_told(stadt: Town, boese: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mallory = boese.person("mallory")
    known = await stadt.meet(mallory)
    await anna.post(f"/api/v1/accounts/{known.id}/follow")
    asked = (await boese.until_received("Follow"))[0].activity
    await stadt.accept(mallory, mallory.activity("Accept", asked))  # a stranger's message would wait for her to look
    to_anna = f"{stadt.origin}/users/anna"
    mention = {"type": "Mention", "href": to_anna, "name": "@anna"}
    message = mallory.note("<p>Guten Tag</p>", to=[to_anna], cc=[], tag=[mention])
    await stadt.accept(mallory, mallory.create(message))
    assert len(await anna.get("/api/v1/conversations")) == 1

    await anna.post(f"/api/v1/accounts/{known.id}/block")
    edited = {**message, "content": "<p>Du entkommst mir nicht</p>", "updated": "2099-01-01T00:00:00Z"}
    await stadt.accept(mallory, mallory.activity("Update", edited, to=message["to"]))

    assert await anna.get("/api/v1/notifications") == []
    assert await anna.get("/api/v1/conversations") == []
    assert await anna.get("/api/v1/timelines/home") == []
