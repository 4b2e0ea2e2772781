"""Groups (FEP-1b12): what ours pass on to whom, what their team decides, what stays here; and communities elsewhere."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import update as update_rows

from activitypub.caps import CAPS
from activitypub.models import Actor, Announce, Block, Follow, Status
from outbox.groups import forget_waiting
from outbox.models import WaitingCreate
from tests.acts import loaded_status
from tests.client import Client, app_of
from tests.clubs import club_of, joins, uri_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town

AUDIENCE = "audience"
LONG_AGO = datetime.now(UTC) - timedelta(days=31)


def told(server: Remote, kind: str) -> list[Any]:
    """Return the objects of the Announces that a server got: of activities of one type, or ("id") of bare ids."""
    objects = [item.activity["object"] for item in server.received if item.activity["type"] == "Announce"]
    if kind == "id":
        return [each for each in objects if isinstance(each, str)]
    return [each for each in objects if isinstance(each, dict) and each["type"] == kind]


def to_group(person: Person, group: str, text: str = "<p>Wer kommt?</p>", **extra: Any) -> dict[str, Any]:
    """Return the Create of a note that is posted in a group."""
    return person.create(person.note(text, cc=[person.followers, group], audience=group, **extra))


async def home_of(client: Client) -> list[dict[str, Any]]:
    shown: list[dict[str, Any]] = await client.get("/api/v1/timelines/home")
    return shown


async def test_what_is_posted_in_a_group_reaches_its_followers(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    club, anna, bernd = await club_of(stadt), await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    group, paul = await uri_of(stadt, club), nachbar.person("paul")
    for member in (anna, bernd):
        await member.follow(club)
    await joins(stadt, paul, group)

    with subtests.test("a thread from elsewhere leaves as the very activity that came, and as a plain announce"):
        create = to_group(paul, group)
        await stadt.accept(paul, create)
        await stadt.rest()
        assert told(nachbar, "Create") == [create]
        assert told(nachbar, "id") == [create["object"]["id"]]
        shown = [(entry["account"]["acct"], entry["reblog"]["uri"]) for entry in await home_of(anna)]
        assert shown == [("verein", create["object"]["id"])]

    with subtests.test("an answer in it leaves as an activity alone, and fills no home timeline"):
        nachbar.received.clear()
        thread = (await home_of(anna))[0]["reblog"]
        answer = await anna.write("Ich!", in_reply_to_id=thread["id"])
        await stadt.rest()
        (passed_on,) = told(nachbar, "Create")
        assert (passed_on["object"]["id"], passed_on["object"][AUDIENCE]) == (answer["uri"], group)
        assert group in passed_on["object"]["cc"]
        assert told(nachbar, "id") == []
        assert len(await home_of(bernd)) == 1

    with subtests.test("so do votes, edits and deletions"):
        nachbar.received.clear()
        like = paul.activity("Like", answer["uri"])
        await stadt.accept(paul, like)
        await stadt.accept(paul, paul.activity("Undo", like))
        await anna.put(f"/api/v1/statuses/{answer['id']}", json={"status": "Ich auch!"})
        await anna.delete(f"/api/v1/statuses/{answer['id']}")
        await stadt.rest()
        assert [len(told(nachbar, kind)) for kind in ("Like", "Undo", "Update", "Delete")] == [1, 1, 1, 1]

    with subtests.test("a thread of ours names its group, and stands once for who follows both"):
        nachbar.received.clear()
        await bernd.follow(anna)
        post = await anna.write("@verein Sommerfest!")
        await stadt.rest()
        assert told(nachbar, "Create")[0]["object"][AUDIENCE] == group
        assert told(nachbar, "id") == [post["uri"]]
        assert [entry["id"] for entry in await home_of(bernd)].count(post["id"]) == 1
        assert post["uri"] not in [entry["reblog"]["uri"] for entry in await home_of(bernd) if entry["reblog"]]

    with subtests.test("not what strangers post, nor what is not for everybody"):
        nachbar.received.clear()
        otto = nachbar.person("otto")
        await stadt.accept(otto, to_group(otto, group))
        await anna.write("@verein unter uns", visibility="private")
        await stadt.rest()
        assert told(nachbar, "Create") + told(nachbar, "id") == []


async def test_a_team_decides_what_is_in_its_group(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    club, anna = await club_of(stadt, posting="approval"), await app_of(stadt, "anna")
    group, paul = await uri_of(stadt, club), nachbar.person("paul")
    await anna.follow(club)
    await joins(stadt, paul, group)

    with subtests.test("it takes up what waits by announcing it"):
        post = await anna.write("@verein Darf ich?")
        await stadt.rest()
        assert told(nachbar, "Create") + told(nachbar, "id") == []
        await club.post(f"/api/v1/statuses/{post['id']}/reblog")
        await stadt.rest()
        assert (len(told(nachbar, "Create")), told(nachbar, "id")) == (1, [post["uri"]])

    with subtests.test("it locks a thread, with all below it, and unlocks it"):
        answer = await anna.write("Antwort", in_reply_to_id=post["id"])
        assert (await anna.ask("POST", f"/api/v1/statuses/{post['id']}/lock")).status == 404
        await club.post(f"/api/v1/statuses/{post['id']}/lock")
        refused = await anna.ask("POST", "/api/v1/statuses", json={"status": "Doch", "in_reply_to_id": answer["id"]})
        assert refused.status == 403
        late = to_group(paul, group, inReplyTo=answer["uri"])
        await stadt.accept(paul, late)
        await club.post(f"/api/v1/statuses/{post['id']}/unlock")
        again = await anna.write("Danke", in_reply_to_id=answer["id"])
        await stadt.rest()
        assert [(each["object"], each["actor"]) for each in told(nachbar, "Lock")] == [(post["uri"], f"{group}/team")]
        assert [each["object"]["type"] for each in told(nachbar, "Undo")] == ["Lock"]
        assert late["object"]["id"] not in [each["object"]["id"] for each in told(nachbar, "Create")]
        assert again["uri"] in [each["object"]["id"] for each in told(nachbar, "Create")]

    with subtests.test("it removes what was posted and what was answered"):
        nachbar.received.clear()
        for each in (answer, post):
            await club.post(f"/api/v1/statuses/{each['id']}/unreblog")
        await stadt.rest()
        assert [each["object"] for each in told(nachbar, "Delete")] == [answer["uri"], post["uri"]]
        assert {(each["actor"], each["summary"]) for each in told(nachbar, "Delete")} == {(f"{group}/team", "")}
        undone = [item.activity["object"]["object"] for item in nachbar.received if item.activity["type"] == "Undo"]
        assert undone == [post["uri"]]
        assert await stadt.count(Status, Status.in_group, Status.audience_uri == group) == 1
        assert await stadt.count(Announce) == 0

    with subtests.test("it keeps somebody out"):
        nachbar.received.clear()
        known = await stadt.meet(paul)
        await joins(stadt, nachbar.person("lisa"), group)
        await club.post(f"/api/v1/accounts/{known.id}/block")
        for more in ({"inReplyTo": again["uri"]}, {}):
            await stadt.accept(paul, to_group(paul, group, **more))
        await stadt.rest()
        (passed_on,) = told(nachbar, "Block")
        assert [passed_on[key] for key in ("actor", "object", "target")] == [f"{group}/team", paul.uri, group]
        assert [item.activity["actor"] for item in nachbar.received if item.activity["type"] == "Block"] == [group]
        assert told(nachbar, "Create") == []
        assert await stadt.count(Follow, Follow.follower_id == known.id) == 0
        assert (await stadt.count(Block, Block.target_id == known.id), await stadt.count(WaitingCreate)) == (1, 0)


async def test_what_waited_leaves_as_if_it_had_not(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    club = await club_of(stadt, posting="approval")
    group, paul = await uri_of(stadt, club), nachbar.person("paul")
    await joins(stadt, paul, group)

    with subtests.test("what came from elsewhere leaves as if it had not waited, with the edit that came meanwhile"):
        nachbar.received.clear()
        create = to_group(paul, group)
        update = paul.activity("Update", {**create["object"], "content": "<p>Wer kommt mit?</p>"}, to=[PUBLIC])
        for each in (create, update):
            await stadt.accept(paul, each)
        await stadt.rest()
        assert told(nachbar, "Create") + told(nachbar, "Update") + told(nachbar, "id") == []
        waiting = await stadt.read(loaded_status, create["object"]["id"])
        assert waiting is not None
        await club.post(f"/api/v1/statuses/{waiting.id}/reblog")
        await stadt.rest()
        assert (told(nachbar, "Create"), told(nachbar, "Update")) == ([create], [update])
        assert told(nachbar, "id") == [create["object"]["id"]]
        assert await stadt.count(WaitingCreate) == 0
        await club.post(f"/api/v1/statuses/{waiting.id}/unreblog")

    with subtests.test("what waits too long, or says too much, is kept no longer"):
        nachbar.received.clear()
        for text in ("<p>Kurz</p>", f"<p>{'x' * CAPS.waiting_bytes}</p>"):
            await stadt.accept(paul, to_group(paul, group, text))
        assert await stadt.count(WaitingCreate) == 1
        await stadt.write(forget_waiting)
        assert await stadt.count(WaitingCreate) == 1
        await stadt.write(lambda unit: unit.execute(update_rows(WaitingCreate).values(kept_at=LONG_AGO)) and None)
        await stadt.write(forget_waiting)
        assert await stadt.count(WaitingCreate) == 0


async def test_a_group_can_stay_at_home(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    club, anna = await club_of(stadt, posting="team"), await app_of(stadt, "anna")
    group, paul = await uri_of(stadt, club), nachbar.person("paul")
    await anna.follow(club)
    await joins(stadt, paul, group)

    with subtests.test("a group says who decides in it, and who may post"):
        _, document = await stadt.get("/users/verein")
        assert (document["attributedTo"], document["postingRestrictedToMods"]) == (f"{group}/moderators", True)
        _, moderators = await stadt.get("/users/verein/moderators")
        assert moderators["orderedItems"] == [f"{group}/team"]
        _, team = await stadt.get("/users/verein/team")
        assert (team["id"], team["type"], team["inbox"]) == (f"{group}/team", "Service", document["inbox"])
        assert team["publicKey"]["owner"] == team["id"] == team["publicKey"]["id"].removesuffix("#main-key")
        assert "anna" not in str(moderators) + str(team)
        for name in ("moderators", "team"):
            assert (await stadt.get(f"/users/anna/{name}"))[0] == 404

    with subtests.test("what its team is asked for is checked, and shown"):
        for wrong in ({"posting": "all"}, {"posting": "nobody"}):
            reply = await club.ask("PATCH", "/api/v1/accounts/update_credentials", json={"group": wrong})
            assert reply.status == 422
        reply = await anna.ask("PATCH", "/api/v1/accounts/update_credentials", json={"group": {"local_only": True}})
        assert reply.status == 422
        changed = await club.patch(
            "/api/v1/accounts/update_credentials", json={"group": {"posting": "everybody", "local_only": True}}
        )
        assert changed["source"]["group"] == {"posting": "everybody", "local_only": True}

    with subtests.test("followers from elsewhere are let go, and nobody elsewhere hears of it any more"):
        await nachbar.until_received("Reject")
        known = await stadt.known(paul)
        assert known is not None
        await stadt.accept(paul, paul.activity("Follow", group))
        assert await stadt.count(Follow, Follow.follower_id == known.id) == 0
        for path in ("", "/outbox", "/outbox?page=true", "/followers", "/featured", "/team"):
            assert (await stadt.get(f"/users/verein{path}"))[0] == 404, path
        assert (await stadt.get(f"/.well-known/webfinger?resource=acct:verein@{stadt.host}:{stadt.port}"))[0] == 404

    with subtests.test("what is posted in it stays here"):
        nachbar.received.clear()
        await stadt.accept(paul, paul.activity("Follow", await uri_of(stadt, anna)))
        await club.post(f"/api/v1/accounts/{known.id}/follow")
        post = await anna.write("@verein Nur für uns")
        await stadt.accept(paul, to_group(paul, group))
        await stadt.rest()
        assert [item.activity["type"] for item in nachbar.received] == ["Accept"]
        assert await stadt.count(Status, Status.id == int(post["id"]), Status.local_only, Status.in_group) == 1
        assert await stadt.count(Announce, Announce.actor_id == int(club.id)) == 1
        assert (await stadt.count(Actor, Actor.local_only), await stadt.count(WaitingCreate)) == (1, 0)


async def test_a_community_elsewhere_is_followed_posted_to_and_heard(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    group, paul = nachbar.person("garten", kind="Group"), nachbar.person("paul")
    known = await stadt.meet(group)
    for member in (anna, bernd):
        await member.post(f"/api/v1/accounts/{known.id}/follow")
        asked = {"type": "Follow", "actor": await uri_of(stadt, member), "object": group.uri}
        await stadt.accept(group, group.activity("Accept", asked))

    with subtests.test("a thread is in the home timeline once, however it is announced"):
        note = paul.note("<p>Tomaten</p>", type="Page", name="Tomaten", cc=[group.uri], audience=group.uri)
        await stadt.accept(group, group.activity("Announce", paul.create(note), to=[PUBLIC]))
        await stadt.accept(group, group.activity("Announce", note["id"], to=[PUBLIC], cc=[group.followers]))
        shown = [(entry["account"]["acct"], entry["reblog"]["uri"]) for entry in await home_of(anna)]
        assert shown == [(f"garten@{nachbar.domain}", note["id"])]

    with subtests.test("an answer from there stands in its thread alone"):
        late = paul.note("<p>Rote?</p>", cc=[group.uri], audience=group.uri, inReplyTo=note["id"])
        await stadt.accept(group, group.activity("Announce", paul.create(late), to=[PUBLIC]))
        thread = (await home_of(anna))[0]["reblog"]
        below = (await anna.get(f"/api/v1/statuses/{thread['id']}/context"))["descendants"]
        assert [each["uri"] for each in below] == [late["id"]]
        assert len(await home_of(anna)) == 1

    with subtests.test("what is posted, answered and liked here goes to the community"):
        nachbar.received.clear()
        post = await anna.write(f"@garten@{nachbar.domain} Gurken!")
        answer = await anna.write("Ja, rote", in_reply_to_id=thread["id"])
        await anna.post(f"/api/v1/statuses/{thread['id']}/favourite")
        await stadt.rest()
        created = [item.activity for item in nachbar.received if item.activity["type"] == "Create"]
        for each in (post, answer):
            sent = next(activity for activity in created if activity["object"]["id"] == each["uri"])
            assert (sent[AUDIENCE], sent["object"][AUDIENCE]) == (group.uri, group.uri)
            assert group.uri in sent["object"]["cc"]
        liked = {item.path for item in nachbar.received if item.activity["type"] == "Like"}
        assert liked == {"/users/garten/inbox", "/users/paul/inbox"}

    with subtests.test("what its moderators do counts here"):
        lock = group.server.person("gaertner").activity("Lock", note["id"], audience=group.uri)
        await stadt.accept(group, group.activity("Announce", lock))
        refused = await bernd.ask("POST", "/api/v1/statuses", json={"status": "Auch", "in_reply_to_id": thread["id"]})
        assert refused.status == 403
        out = lock | {"id": nachbar.fresh_id("block"), "type": "Block", "target": group.uri}
        await stadt.accept(group, group.activity("Announce", {**out, "object": paul.uri, "removeData": True}))
        assert await home_of(bernd) == []
        again = {**lock, "id": nachbar.fresh_id("undo"), "type": "Undo", "object": {**lock, "type": "Delete"}}
        await stadt.accept(group, group.activity("Announce", again, to=[PUBLIC]))
        assert len(await home_of(bernd)) == 1
        await stadt.accept(group, group.activity("Announce", {**out, "object": await uri_of(stadt, bernd)}))
        assert await stadt.count(Follow, Follow.follower_id == int(bernd.id)) == 0
