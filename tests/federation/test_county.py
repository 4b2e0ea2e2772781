"""Posts for the county only: they reach exactly the servers that are allowed by name, and everybody here."""

import pytest

from activitypub.models import DomainAllow
from activitypub.unit import Unit
from tests.client import anonymous, app_of
from tests.fediverse import PUBLIC, Remote
from tests.town import Town


def allow(unit: Unit, domain: str) -> None:
    unit.add(DomainAllow(domain=domain, created_at=unit.now))


def disallow(unit: Unit, domain: str) -> None:
    unit.delete(unit.get_one(DomainAllow, domain))


async def test_what_is_for_the_county_reaches_exactly_its_servers(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    await stadt.write(allow, "nachbar.test")
    nora, igor = nachbar.person("nora"), boese.person("igor")
    for person in (nora, igor):
        await stadt.accept(person, person.activity("Follow", f"{stadt.origin}/users/anna"))
    post = await anna.write("Nur für den Kreis", bubble_only=True, visibility="public")
    (told,) = await nachbar.until_received("Create")
    with subtests.test("what apps and other servers are told"):
        assert (post["visibility"], post["bubble_only"]) == ("private", True)
        note = told.activity["object"]
        assert PUBLIC not in {*note["to"], *note["cc"]}
        assert note["to"] == [f"{stadt.origin}/users/anna/followers"]
    with subtests.test("who may read it"):
        path = f"/users/anna/statuses/{post['id']}"
        assert (await stadt.get(path, headers=nora.asking(stadt.origin + path)))[0] == 200
        assert (await stadt.get(path, headers=igor.asking(stadt.origin + path)))[0] == 404
        assert (await stadt.get(path))[0] == 404
        address = f"/api/v1/statuses/{post['id']}"
        assert (await bert.get(address))["id"] == post["id"]  # who lives here need not follow
        assert (await anonymous(stadt).ask("GET", address)).status == 404
    with subtests.test("where it stands"):
        bubble = "/api/v1/timelines/bubble"
        assert [each["id"] for each in await bert.get(bubble)] == [post["id"]]
        assert await anonymous(stadt).get(bubble) == []
        assert await bert.get("/api/v1/timelines/public") == []
    with subtests.test("nobody passes it on"):
        assert (await bert.ask("POST", f"/api/v1/statuses/{post['id']}/reblog")).status == 404
    with subtests.test("an answer from here stays in the county, too"):
        answer = await bert.write("@anna Danke", in_reply_to_id=post["id"], visibility="public")
        assert (answer["visibility"], answer["bubble_only"]) == ("private", True)
    with subtests.test("edits and the end go where it went"):
        await anna.put(f"/api/v1/statuses/{post['id']}", data={"status": "Nur für unseren Kreis"})
        await nachbar.until_received("Update")
        await anna.delete(f"/api/v1/statuses/{post['id']}")
        await nachbar.until_received("Delete")
    with subtests.test("who leaves the county gets nothing more"):
        await stadt.write(disallow, "nachbar.test")
        again = await anna.write("Noch einmal", bubble_only=True)
        path = f"/users/anna/statuses/{again['id']}"
        assert (await stadt.get(path, headers=nora.asking(stadt.origin + path)))[0] == 404
        await stadt.rest()
        assert len([item for item in nachbar.received if item.activity["type"] == "Create"]) == 1
    assert [item.activity["type"] for item in boese.received] == ["Accept"]
