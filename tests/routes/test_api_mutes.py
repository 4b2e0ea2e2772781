"""Mutes: who is not seen, where, and until when. https://docs.joinmastodon.org/methods/mutes/"""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import Mute
from fediverse_kommune.services.relationships import end_mutes
from tests.client import Client, anonymous, app_of
from tests.town import Town

HOME = "/api/v1/timelines/home"
PUBLIC = "/api/v1/timelines/public"


def ids(items: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in items]


async def three(stadt: Town) -> tuple[Client, Client, Client]:
    anna, bert, carla = [await app_of(stadt, name) for name in ("anna", "bert", "carla")]
    return anna, bert, carla


async def mute(who: Client, whom: Client, **wishes: Any) -> Any:
    return await who.post(f"/api/v1/accounts/{whom.id}/mute", json=wishes)


async def test_a_mute_shows_in_the_relationship_and_in_the_list(stadt: Town) -> None:
    anna, bert, _ = await three(stadt)
    tie = await mute(anna, bert)
    assert (tie["muting"], tie["muting_notifications"], tie["muting_expires_at"]) == (True, True, None)
    (listed,) = await anna.get("/api/v1/mutes")
    assert (listed["acct"], listed["mute_expires_at"]) == ("bert", None)
    tie = await mute(anna, bert, notifications=False, duration=3600)
    assert (tie["muting"], tie["muting_notifications"]) == (True, False)
    (listed,) = await anna.get("/api/v1/mutes")
    assert listed["mute_expires_at"] == tie["muting_expires_at"] is not None
    tie = await anna.post(f"/api/v1/accounts/{bert.id}/unmute")
    assert (tie["muting"], tie["muting_notifications"], tie["muting_expires_at"]) == (False, False, None)
    assert await anna.get("/api/v1/mutes") == []
    assert (await bert.get(f"/api/v1/accounts/relationships?id={anna.id}"))[0]["blocked_by"] is False


async def test_a_mute_that_makes_no_sense_is_refused(stadt: Town, subtests: pytest.Subtests) -> None:
    anna, bert, _ = await three(stadt)
    for wishes in [{"duration": -1}, {"duration": 10**12}, {"duration": "x"}, {"notifications": "?"}]:
        with subtests.test(wishes=wishes):
            assert (await anna.ask("POST", f"/api/v1/accounts/{bert.id}/mute", json=wishes)).status == 422
            assert await anna.get("/api/v1/mutes") == []


async def test_nobody_mutes_nobody_or_themselves(stadt: Town) -> None:
    anna, _, _ = await three(stadt)
    assert (await anna.ask("POST", "/api/v1/accounts/9/mute")).status == 404
    assert (await anna.ask("POST", "/api/v1/accounts/9/unmute")).status == 404
    assert (await mute(anna, anna))["muting"] is False
    assert (await anonymous(stadt).ask("POST", f"/api/v1/accounts/{anna.id}/mute")).status == 401
    reader = await app_of(stadt, "anna", scopes="read")
    assert (await reader.ask("POST", f"/api/v1/accounts/{anna.id}/mute")).status == 403


async def test_the_muted_are_in_no_timeline_and_back_in_all_when_it_ends(stadt: Town) -> None:
    anna, bert, carla = await three(stadt)
    for other in (bert, carla):
        await anna.follow(other)
    before = await bert.write("vorher #Fest")
    await mute(anna, bert)
    during = await bert.write("während #Fest")
    named = await carla.write("mit @bert")
    passed_on = await carla.post(f"/api/v1/statuses/{during['id']}/reblog")
    hers = await carla.write("ohne #Fest")
    assert ids(await anna.get(HOME)) == [hers["id"]]
    assert ids(await anna.get(PUBLIC)) == [hers["id"], named["id"]]
    assert ids(await anna.get("/api/v1/timelines/tag/fest")) == [hers["id"]]
    assert ids(await anna.get(f"/api/v1/accounts/{carla.id}/statuses")) == [hers["id"], named["id"]]
    assert len(await bert.get(PUBLIC)) == 4, "the muted one notices nothing"
    await anna.post(f"/api/v1/accounts/{bert.id}/unmute")
    assert ids(await anna.get(HOME)) == [hers["id"], named["id"], during["id"], before["id"]]
    assert passed_on["id"] in ids(await anna.get(f"/api/v1/accounts/{carla.id}/statuses"))


async def test_an_announce_by_the_muted_leaves_room_for_that_of_another(stadt: Town) -> None:
    anna, bert, carla = await three(stadt)
    dora = await app_of(stadt, "dora")
    for other in (bert, carla):
        await anna.follow(other)
    await mute(anna, bert)
    status = await dora.write("hört")
    await bert.post(f"/api/v1/statuses/{status['id']}/reblog")
    assert await anna.get(HOME) == []
    hers = await carla.post(f"/api/v1/statuses/{status['id']}/reblog")
    assert ids(await anna.get(HOME)) == [hers["id"]]


async def test_a_thread_leaves_the_muted_out_and_what_they_said_can_still_be_opened(stadt: Town) -> None:
    anna, bert, carla = await three(stadt)
    root = await carla.write("Wer?")
    his = await bert.write("Ich", in_reply_to_id=root["id"])
    hers = await carla.write("Gut", in_reply_to_id=his["id"])
    await mute(anna, bert)
    context = await anna.get(f"/api/v1/statuses/{root['id']}/context")
    assert ids(context["descendants"]) == [hers["id"]]
    context = await anna.get(f"/api/v1/statuses/{hers['id']}/context")
    assert ids(context["ancestors"]) == [root["id"]]
    assert (await anna.get(f"/api/v1/statuses/{his['id']}"))["id"] == his["id"]


async def test_notifications_of_the_muted_unless_they_are_wanted(stadt: Town) -> None:
    anna, bert, _ = await three(stadt)
    await bert.write("@anna vorher")
    await mute(anna, bert)
    await bert.write("@anna während")
    assert await anna.get("/api/v1/notifications") == []
    await mute(anna, bert, notifications=False)
    await bert.write("@anna danach")
    told = [one["status"]["content"] for one in await anna.get("/api/v1/notifications")]
    assert ["danach" in told[0], "vorher" in told[1], len(told)] == [True, True, 2]


async def test_a_mute_ends_at_its_time_and_its_row_at_the_next_round(stadt: Town) -> None:
    anna, bert, _ = await three(stadt)
    await anna.follow(bert)
    status = await bert.write("hallo")
    await mute(anna, bert, duration=60)
    assert await anna.get(HOME) == []

    def let_time_pass(unit: Unit) -> None:
        unit.execute(update(Mute).values(expires_at=unit.now - timedelta(seconds=2)))

    await stadt.write(let_time_pass)
    assert ids(await anna.get(HOME)) == [status["id"]]
    assert await anna.get("/api/v1/mutes") == []
    assert (await anna.get(f"/api/v1/accounts/relationships?id={bert.id}"))[0]["muting"] is False
    await mute(anna, await app_of(stadt, "carla"))
    await stadt.write(end_mutes)
    assert await stadt.count(Mute) == 1


async def test_whom_moderators_silenced_is_seen_by_followers_alone(stadt: Town) -> None:
    anna, bert, carla = await three(stadt)
    await anna.follow(bert)
    root = await carla.write("Wer?")
    his = await bert.write("Ich #Fest", in_reply_to_id=root["id"])
    own = await bert.write("Noch etwas #Fest")

    def silence(unit: Unit) -> None:
        unit.get_one(Actor, int(bert.id)).silenced_at = unit.now

    await stadt.write(silence)
    assert ids(await anna.get(PUBLIC)) == ids(await anonymous(stadt).get(PUBLIC)) == [root["id"]]
    assert await anonymous(stadt).get("/api/v1/timelines/tag/fest") == []
    for reader, seen in ((anna, [his["id"]]), (bert, [his["id"]]), (carla, []), (anonymous(stadt), [])):
        assert ids((await reader.get(f"/api/v1/statuses/{root['id']}/context"))["descendants"]) == seen
    assert own["id"] in ids(await anna.get(HOME))


async def test_follow_in_some_languages(stadt: Town) -> None:
    anna, bert, _ = await three(stadt)
    path = f"/api/v1/accounts/{bert.id}/follow"
    tie = await anna.post(path, json={"languages": ["de", "en"]})
    assert tie["languages"] == ["de", "en"]
    german = await bert.write("Hallo", language="de")
    await bert.write("Bonjour", language="fr")
    assert ids(await anna.get(HOME)) == [german["id"]]
    assert (await anna.post(path, data={"notify": "1"}))["languages"] == ["de", "en"]
    assert (await anna.post(path, json={"languages": []}))["languages"] is None
    french = await bert.write("Salut", language="fr")
    assert ids(await anna.get(HOME)) == [french["id"], german["id"]]
    assert (await anna.ask("POST", path, json={"languages": ["nicht eine"]})).status == 422


async def test_a_note_about_somebody(stadt: Town) -> None:
    anna, bert, _ = await three(stadt)
    path = f"/api/v1/accounts/{bert.id}/note"
    assert (await anna.post(path, data={"comment": "vom Verein"}))["note"] == "vom Verein"
    assert (await anna.post(path, json={"comment": "vom Chor"}))["note"] == "vom Chor"
    assert (await bert.get(f"/api/v1/accounts/relationships?id={anna.id}"))[0]["note"] == ""
    assert (await anna.ask("POST", path, json={"comment": "x" * 2_001})).status == 422
    assert (await anna.post(path))["note"] == ""
    assert (await anna.ask("POST", "/api/v1/accounts/9/note", json={"comment": "x"})).status == 404
