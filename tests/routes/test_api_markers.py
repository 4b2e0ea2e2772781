"""How far one has read. https://docs.joinmastodon.org/methods/markers/"""

import pytest
from sqlalchemy import update

from activitypub.unit import Unit
from fediverse_kommune.models import Marker
from fediverse_kommune.services.markers import advance, move_marker
from fediverse_kommune.services.refusals import Conflict
from tests.client import app_of
from tests.town import Town

MARKERS = "/api/v1/markers"


async def test_a_place_is_kept_and_moved(stadt: Town) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    assert await anna.get(f"{MARKERS}?timeline[]=home") == {}
    first = await anna.post(MARKERS, data={"home[last_read_id]": "103194548672408537"})
    assert list(first) == ["home"]
    assert (first["home"]["last_read_id"], first["home"]["version"]) == ("103194548672408537", 0)
    second = await anna.post(MARKERS, json={"home": {"last_read_id": "7"}, "notifications": {"last_read_id": "9"}})
    assert {name: (place["last_read_id"], place["version"]) for name, place in second.items()} == {
        "home": ("7", 1),
        "notifications": ("9", 0),
    }
    assert await anna.get(f"{MARKERS}?timeline[]=home&timeline[]=notifications") == second
    assert list(await anna.get(f"{MARKERS}?timeline=notifications")) == ["notifications"]
    assert await anna.get(MARKERS) == await anna.get(f"{MARKERS}?timeline[]=other") == {}
    assert await bert.get(f"{MARKERS}?timeline[]=home") == {}


async def test_a_place_is_an_id(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await app_of(stadt, "anna")
    for wrong in ["x", "-1", str(2**63)]:
        with subtests.test(wrong=wrong):
            assert (await anna.ask("POST", MARKERS, json={"home": {"last_read_id": wrong}})).status == 422
            assert (await anna.ask("POST", MARKERS, json={"home": wrong})).status == 422
            assert await anna.get(f"{MARKERS}?timeline[]=home") == {}


async def test_two_apps_at_once_do_not_overwrite_each_other(stadt: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    anna = await app_of(stadt, "anna")
    await anna.post(MARKERS, json={"home": {"last_read_id": "7"}})

    def between(unit: Unit) -> None:
        row = move_marker(unit, int(anna.id), "home", 8)
        unit.run(update(Marker).values(version=Marker.version + 1, last_read_id=9))
        with pytest.raises(Conflict):
            advance(unit, row, 10)

    await stadt.write(between)
    assert (await anna.get(f"{MARKERS}?timeline[]=home"))["home"]["last_read_id"] == "9"

    def too_late(*_: object) -> None:
        raise Conflict

    monkeypatch.setattr("fediverse_kommune.api.v1.markers.move_marker", too_late)
    reply = await anna.ask("POST", MARKERS, json={"home": {"last_read_id": "11"}})
    assert (reply.status, reply.json) == (409, {"error": "Conflict during update, please try again"})
