"""Notices for everybody who is logged in. https://docs.joinmastodon.org/methods/announcements/"""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pytest

from fediverse_kommune.models import AnnouncementReaction
from fediverse_kommune.services import announcements
from fediverse_kommune.services.announcements import Notice
from fediverse_kommune.services.refusals import Invalid, NotFound
from tests.client import anonymous, app_of, statements
from tests.town import Town

PATH = "/api/v1/announcements"


async def announce(town: Town, text: str = "Morgen kein Wasser", **more: Any) -> str:
    row = await town.write(announcements.publish, Notice(text, **more))
    return str(row.id)


async def test_everybody_here_reads_what_is_announced(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert", scopes="read:statuses")
    status, secret = await anna.write("Das Fest"), await anna.write("leise", visibility="private")
    text = f"Frag @anna zu #Straßenfest <b>{status['url']} {secret['url']}"
    start = datetime(2026, 5, 4, tzinfo=UTC)
    end = stadt.app.server.clock() + timedelta(days=1)
    announcement_id = await announce(stadt, text, starts_at=start, ends_at=end, all_day=True)
    (shown,) = await bert.get(PATH)
    assert shown["id"] == announcement_id
    assert "&lt;b&gt;" in shown["content"]
    assert (shown["starts_at"], shown["all_day"], shown["read"]) == ("2026-05-04T00:00:00.000Z", True, False)
    assert shown["mentions"] == [{"id": anna.id, "username": "anna", "acct": "anna", "url": f"{stadt.origin}/@anna"}]
    assert shown["statuses"] == [{"id": status["id"], "url": status["url"]}]
    assert [tag["name"] for tag in shown["tags"]] == ["Straßenfest"]
    assert (shown["emojis"], shown["reactions"]) == ([], [])
    assert (await anonymous(stadt).ask("GET", PATH)).status == 401


async def test_what_is_over_is_shown_no_longer(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    past = stadt.app.server.clock() - timedelta(seconds=1)
    announcement_id = await announce(stadt, ends_at=past)
    assert await anna.get(PATH) == []
    for method, path in (("POST", "dismiss"), ("PUT", "reactions/👍"), ("DELETE", "reactions/👍")):
        for number in (announcement_id, "1"):
            assert (await anna.ask(method, f"{PATH}/{number}/{path}")).status == 404


async def test_what_one_has_dismissed_is_shown_only_on_request(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    announcement_id = await announce(stadt)
    for _ in range(2):
        assert await anna.post(f"{PATH}/{announcement_id}/dismiss") == {}
    assert await anna.get(PATH) == []
    (shown,) = await anna.get(f"{PATH}?with_dismissed=true")
    assert shown["read"] is True
    assert (await bert.get(PATH))[0]["read"] is False


@pytest.mark.parametrize("emoji", ["👍", "❤️", "👩🏽‍🚒", "🇩🇪", "1️⃣", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "☔"])
async def test_an_emoji_is_put_below_and_taken_back(stadt: Town, emoji: str) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"{PATH}/{await announce(stadt)}/reactions/{quote(emoji)}"
    for _ in range(2):
        assert await anna.put(path) == {}
    await bert.put(path)
    assert (await anna.get(PATH))[0]["reactions"] == [{"name": emoji, "count": 2, "me": True}]
    assert await anna.delete(path) == {}
    assert (await anna.get(PATH))[0]["reactions"] == [{"name": emoji, "count": 1, "me": False}]
    assert (await anna.ask("DELETE", path)).status == 404


async def test_only_emoji_and_not_too_many(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    path = f"{PATH}/{await announce(stadt)}/reactions"
    for wrong in ("ja", "😀😀", "x" * 65, "1", "%20", "<b>", ":fisch:"):
        assert (await anna.ask("PUT", f"{path}/{quote(wrong)}")).status == 422, wrong
    many = [chr(0x1F600 + number) for number in range(announcements.EMOJI + 1)]
    answers = [(await anna.ask("PUT", f"{path}/{quote(emoji)}")).status for emoji in many]
    assert answers == [*[200] * announcements.EMOJI, 422]
    assert (await bert.ask("PUT", f"{path}/{quote(many[0])}")).status == 200
    assert await stadt.count(AnnouncementReaction) == announcements.EMOJI + 1


async def test_administrators_change_and_remove_them(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    announcement_id = int(await announce(stadt))
    await stadt.write(announcements.change, announcement_id, Notice("Doch Wasser"))
    assert "Doch Wasser" in (await anna.get(PATH))[0]["content"]
    await stadt.write(announcements.remove, announcement_id)
    assert await anna.get(PATH) == []
    with pytest.raises(NotFound):
        await stadt.write(announcements.remove, announcement_id)
    now = stadt.app.server.clock()
    for wrong in (Notice(" "), Notice("x" * 5_001), Notice("x", starts_at=now, ends_at=now - timedelta(hours=1))):
        with pytest.raises(Invalid):
            await stadt.write(announcements.publish, wrong)


async def test_many_cost_as_much_as_one(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    status = await anna.write("Das Fest")
    text = f"@anna #fest {status['url']}"
    await announce(stadt, text)
    await anna.get(PATH)  # a token is looked up once in a few seconds
    with statements(stadt) as one:
        await anna.get(PATH)
    for _ in range(5):
        await announce(stadt, text)
    with statements(stadt) as several:
        assert len(await anna.get(PATH)) == 6
    assert len(one) == len(several) <= 6
