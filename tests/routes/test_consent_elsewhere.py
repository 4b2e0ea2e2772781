"""What our people do with posts elsewhere whose authors decide on it: asked by being done, and done when it is allowed.

https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from typing import Any

import pytest

from activitypub.models import Announce, InteractionRequest, Like, Media, Status
from tests.client import Client, anonymous, app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.pictures import picture
from tests.quotes import following
from tests.routes.test_interaction_policies import PARTS, known
from tests.town import Town

MANUAL = {name: {"manualApproval": [PUBLIC]} for name in PARTS}
SENT = {"favourite": "Like", "reblog": "Announce", "reply": "Create"}
TYPES = list(SENT)


async def act(client: Client, post: Any, kind: str) -> Any:
    """Do something with a post and return the answer."""
    if kind == "reply":
        return await client.write("Darf ich?", in_reply_to_id=post["id"])
    return await client.post(f"/api/v1/statuses/{post['id']}/{kind}")


async def asked(remote: Remote, kind: str, count: int = 1) -> tuple[str, dict[str, Any]]:
    """Return the id of what was asked for, and the activity that did, which came to Bob's own inbox."""
    received = (await remote.until_received(SENT[kind], count))[-1]
    assert received.path == "/users/bob/inbox"
    about = received.activity["object"]["id"] if kind == "reply" else received.activity["id"]
    return about, received.activity


def yes(bob: Person, about: Any, **more: Any) -> dict[str, Any]:
    return bob.activity("Accept", about, **({"result": f"{bob.uri}/authorizations/1"} | more))


async def done(stadt: Town) -> tuple[int, int, int]:
    """Return how many likes, announces and answers stand."""
    answers = Status.in_reply_to_id.is_not(None), Status.held.is_(False)
    return await stadt.count(Like), await stadt.count(Announce), await stadt.count(Status, *answers)


ONE = {"favourite": (1, 0, 0), "reblog": (0, 1, 0), "reply": (0, 0, 1)}


@pytest.mark.parametrize("kind", TYPES)
async def test_only_the_author_is_told_until_it_is_allowed(
    stadt: Town, nachbar: Remote, boese: Remote, kind: str
) -> None:
    anna, bob, gerda = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("gerda")
    await stadt.accept(gerda, gerda.activity("Follow", f"{stadt.origin}/users/anna"))
    await boese.until_received("Accept")
    post = await known(stadt, anna, bob, MANUAL)

    answer = await act(anna, post, kind)
    about, activity = await asked(nachbar, kind)

    assert await done(stadt) == (0, 0, 0)
    if kind == "reply":
        assert answer["uri"] == about
    else:
        assert (answer["id"], answer["favourited"], answer["reblogged"]) == (post["id"], False, False)
    await act(anna, post, kind) if kind != "reply" else None
    await stadt.accept(bob, yes(bob, about))

    assert await done(stadt) == ONE[kind]
    if kind != "favourite":  # a like concerns the author alone
        (told,) = await boese.until_received(SENT[kind])
        assert told.activity["id"] == activity["id"]
        shown = told.activity["object"] if kind == "reply" else told.activity
        name = {"reply": "replyAuthorization", "reblog": "announceAuthorization"}[kind]
        assert (shown[name], shown["approvedBy"]) == (f"{bob.uri}/authorizations/1",) * 2
        assert name not in (activity["object"] if kind == "reply" else activity)
    await stadt.rest()
    here = [item for item in nachbar.received if item.activity["type"] == SENT[kind] and item.path != "/inbox"]
    assert len(here) == 1, "asked once, although it was done twice"


async def test_an_answer_is_shown_when_it_is_allowed(stadt: Town, nachbar: Remote) -> None:
    anna, carla, bob = await app_of(stadt, "anna"), await app_of(stadt, "carla"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    reply = await act(anna, post, "reply")
    about, _ = await asked(nachbar, "reply")
    path, thread = f"/api/v1/statuses/{reply['id']}", f"/api/v1/statuses/{post['id']}/context"
    assert (await anna.get(path))["id"] == reply["id"]
    assert [item["id"] for item in (await anna.get(thread))["descendants"]] == [reply["id"]]
    for client in (carla, anonymous(stadt)):
        assert (await client.ask("GET", path)).status == 404
        assert (await client.get(thread))["descendants"] == []
        assert await client.get(f"/api/v1/accounts/{anna.id}/statuses") == []
    assert await anna.get("/api/v1/interaction_requests") == []
    assert (await stadt.get(reply["uri"].removeprefix(stadt.origin)))[0] == 404

    await stadt.accept(bob, yes(bob, about))

    assert [item["id"] for item in (await carla.get(thread))["descendants"]] == [reply["id"]]
    assert [item["id"] for item in await carla.get(f"/api/v1/accounts/{anna.id}/statuses")] == [reply["id"]]
    _, document = await stadt.get(reply["uri"].removeprefix(stadt.origin))
    assert document["replyAuthorization"] == document["approvedBy"] == f"{bob.uri}/authorizations/1"


async def test_the_one_who_is_asked_may_read_the_answer(stadt: Town, nachbar: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), nachbar.person("carl")
    post = await known(stadt, anna, bob, MANUAL)
    await stadt.meet(carl)
    reply = await act(anna, post, "reply")
    path = reply["uri"].removeprefix(stadt.origin)
    for person, status in ((bob, 200), (carl, 404)):
        assert (await stadt.get(path, headers=person.asking(reply["uri"])))[0] == status


@pytest.mark.parametrize("kind", TYPES)
async def test_a_no_ends_it(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    answer = await act(anna, post, kind)
    about, _ = await asked(nachbar, kind)
    await stadt.accept(bob, bob.activity("Reject", about))
    assert await done(stadt) == (0, 0, 0)
    if kind == "reply":
        assert (await anna.ask("GET", f"/api/v1/statuses/{answer['id']}")).status == 404
    else:
        assert (await anna.ask("POST", f"/api/v1/statuses/{post['id']}/{kind}")).status == 403
    await stadt.accept(bob, yes(bob, about))
    await stadt.rest()
    assert await done(stadt) == (0, 0, 0)
    assert [item for item in nachbar.received if item.activity["type"] in ("Delete", "Undo")] == []


async def test_the_files_of_a_refused_answer_wait_for_another_post(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    media = await anna.post("/api/v2/media", data={"file": picture("PNG", (4, 4))})
    await anna.write("Seht", in_reply_to_id=post["id"], media_ids=[media["id"]])
    about, _ = await asked(nachbar, "reply")
    await stadt.accept(bob, bob.activity("Reject", about))
    assert await stadt.count(Media, Media.id == int(media["id"]), Media.status_id.is_(None)) == 1
    again = await anna.write("Seht", media_ids=[media["id"]])
    assert [item["id"] for item in again["media_attachments"]] == [media["id"]]


@pytest.mark.parametrize("form", ["hint", "request", "without"])
@pytest.mark.parametrize("kind", TYPES)
async def test_the_ways_in_which_servers_say_yes(stadt: Town, nachbar: Remote, kind: str, form: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    await act(anna, post, kind)
    about, _ = await asked(nachbar, kind)
    hint = {"type": {"favourite": "Like", "reblog": "Announce", "reply": "Note"}[kind], "id": about}
    name = {"favourite": "LikeRequest", "reblog": "AnnounceRequest", "reply": "ReplyRequest"}[kind]
    request = {
        "type": name,
        "id": bob.server.fresh_id("request"),
        "actor": f"{stadt.origin}/users/anna",
        "object": post["uri"],
        "instrument": about,
    }
    said = {"hint": yes(bob, hint), "request": yes(bob, request), "without": bob.activity("Accept", about)}[form]
    await stadt.accept(bob, said)
    assert await done(stadt) == ONE[kind]
    if kind != "favourite":
        table = Status if kind == "reply" else Announce
        authorization = said["id"] if form == "without" else f"{bob.uri}/authorizations/1"
        assert await stadt.count(table, table.authorization_uri == authorization) == 1


@pytest.mark.parametrize("answer", ["Accept", "Reject"])
async def test_nobody_else_answers(stadt: Town, nachbar: Remote, boese: Remote, answer: str) -> None:
    anna, bob, carl, eve = (
        await app_of(stadt, "anna"),
        nachbar.person("bob"),
        nachbar.person("carl"),
        boese.person("eve"),
    )
    post = await known(stadt, anna, bob, MANUAL)
    await act(anna, post, "favourite")
    about, _ = await asked(nachbar, "favourite")
    for person in (carl, eve):
        await stadt.accept(person, person.activity(answer, about, result=f"{person.uri}/authorizations/1"))
    if answer == "Accept":
        await stadt.accept(bob, yes(bob, about, result=f"{eve.uri}/authorizations/1"))
    assert await done(stadt) == (0, 0, 0)
    await stadt.accept(bob, yes(bob, about))
    assert await done(stadt) == (1, 0, 0)


@pytest.mark.parametrize(("kind", "undo"), [("favourite", "unfavourite"), ("reblog", "unreblog")])
async def test_what_waits_is_taken_back(stadt: Town, nachbar: Remote, kind: str, undo: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    await act(anna, post, kind)
    about, activity = await asked(nachbar, kind)
    await anna.post(f"/api/v1/statuses/{post['id']}/{undo}")
    (taken,) = await nachbar.until_received("Undo")
    assert taken.path == "/users/bob/inbox"
    assert {name: taken.activity["object"][name] for name in ("id", "type")} == {"id": about, "type": activity["type"]}
    await stadt.accept(bob, yes(bob, about))
    assert await done(stadt) == (0, 0, 0)
    assert await stadt.count(InteractionRequest) == 0


async def test_an_answer_that_waits_is_changed_and_deleted_before_its_reader_alone(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    anna, bob, gerda = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("gerda")
    await stadt.accept(gerda, gerda.activity("Follow", f"{stadt.origin}/users/anna"))
    await boese.until_received("Accept")
    reply = await act(anna, await known(stadt, anna, bob, MANUAL), "reply")
    await asked(nachbar, "reply")
    await anna.put(f"/api/v1/statuses/{reply['id']}", json={"status": "Bitte?"})
    (changed,) = await nachbar.until_received("Update")
    await anna.delete(f"/api/v1/statuses/{reply['id']}")
    (gone,) = await nachbar.until_received("Delete")
    assert {changed.path, gone.path} == {"/users/bob/inbox"}
    await stadt.rest()
    assert [item.activity["type"] for item in boese.received] == ["Accept"]


@pytest.mark.parametrize("kind", TYPES)
async def test_who_follows_waits_for_the_word_of_the_authors_server(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    post = await known(stadt, anna, bob, {name: {"automaticApproval": [bob.followers]} for name in PARTS})
    await act(anna, post, kind)
    about, _ = await asked(nachbar, kind)
    assert await done(stadt) == (0, 0, 0)
    await stadt.accept(bob, yes(bob, about))
    assert await done(stadt) == ONE[kind]


@pytest.mark.parametrize("kind", TYPES)
async def test_who_is_named_waits_for_nothing(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    named = {"automaticApproval": [f"{stadt.origin}/users/anna", bob.followers], "manualApproval": [PUBLIC]}
    await act(anna, await known(stadt, anna, bob, dict.fromkeys(PARTS, named)), kind)
    assert await done(stadt) == ONE[kind]
    assert await stadt.count(InteractionRequest) == 0


async def test_doing_it_again_asks_again(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await known(stadt, anna, bob, MANUAL)
    await act(anna, post, "reblog")
    first, _ = await asked(nachbar, "reblog")
    await stadt.accept(bob, yes(bob, first))
    await nachbar.until_received("Announce", 2)
    await anna.post(f"/api/v1/statuses/{post['id']}/unreblog")
    await act(anna, post, "reblog")
    assert await done(stadt) == (0, 0, 0)
    second = (await nachbar.until_received("Announce", 3))[-1].activity["id"]
    assert second != first
    await stadt.accept(bob, yes(bob, second, result=f"{bob.uri}/authorizations/2"))
    assert await stadt.count(Announce, Announce.authorization_uri == f"{bob.uri}/authorizations/2") == 1


async def test_an_answer_that_could_not_be_allowed_is_refused_before_it_is_stored(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post, other = await known(stadt, anna, bob, MANUAL), await anna.write("Anderes")
    for more in ({"quoted_status_id": other["id"]}, {"local_only": True}):
        body = {"status": "x", "in_reply_to_id": post["id"], **more}
        for form in (body, body | {"scheduled_at": "2099-01-01T00:00:00Z"}):
            assert (await anna.ask("POST", "/api/v1/statuses", json=form)).status == 422
    assert await stadt.count(Status, Status.in_reply_to_id.is_not(None)) == 0


async def test_who_is_asked_does_nothing_with_the_answer_meanwhile(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    reply = await act(anna, await known(stadt, anna, bob, MANUAL), "reply")
    below = bob.note(inReplyTo=reply["uri"])
    await stadt.accept(bob, bob.activity("ReplyRequest", reply["uri"], instrument=below))
    await stadt.accept(bob, bob.create(below))
    await stadt.accept(bob, bob.activity("Announce", reply["uri"], to=[PUBLIC], cc=[bob.followers]))
    await stadt.accept(bob, bob.activity("QuoteRequest", reply["uri"], instrument=bob.note(quote=reply["uri"])))
    await stadt.rest()
    assert await stadt.count(Announce) == 0
    assert await stadt.count(Status, Status.uri == below["id"]) == 0
    assert [item.activity["type"] for item in nachbar.received] == ["Create", "Reject"]


async def test_what_is_allowed_here_shows_its_authorization_too(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    later = {"with_approval": ["public"]}
    post = await anna.write("Fragt mich", interaction_policy={"can_reply": later, "can_reblog": later})
    reply = await act(bernd, post, "reply")
    await act(bernd, post, "reblog")
    for waiting in await anna.get("/api/v1/interaction_requests"):
        await anna.post(f"/api/v1/interaction_requests/{waiting['id']}/authorize")
        uri = f"{stadt.origin}/users/anna/authorizations/{waiting['id']}"
        assert (await stadt.get(uri.removeprefix(stadt.origin)))[0] == 200
        if waiting["type"] == "reply":
            _, document = await stadt.get(reply["uri"].removeprefix(stadt.origin))
            assert document["replyAuthorization"] == uri
        else:
            assert await stadt.count(Announce, Announce.authorization_uri == uri) == 1


async def test_what_others_do_with_posts_of_others_is_taken_as_it_comes(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    """Whether Bob has allowed it, his server and Eve's know (decision 19)."""
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    post = await known(stadt, anna, bob, MANUAL)
    note = eve.note("<p>Darf ich?</p>", inReplyTo=post["uri"])
    await stadt.accept(eve, eve.create(note))
    await stadt.accept(eve, eve.activity("Like", post["uri"]))
    await stadt.accept(eve, eve.activity("Announce", post["uri"], to=[PUBLIC], cc=[eve.followers]))
    assert await done(stadt) == (1, 1, 1)
    (below,) = (await anna.get(f"/api/v1/statuses/{post['id']}/context"))["descendants"]
    assert below["uri"] == note["id"]
    assert await stadt.count(InteractionRequest) == 0


async def test_what_a_policy_lets_a_group_here_shows_an_authorization_at_once(stadt: Town, nachbar: Remote) -> None:
    """Servers elsewhere cannot tell who follows whom here."""
    anna, bernd, bob = await app_of(stadt, "anna"), await app_of(stadt, "bernd"), nachbar.person("bob")
    await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/bernd"))
    await nachbar.until_received("Accept")
    await bernd.follow(anna)
    followers = {"always": ["followers"]}
    post = await anna.write("Für euch", interaction_policy={"can_reply": followers, "can_reblog": followers})
    await act(bernd, post, "reply")
    await act(bernd, post, "reblog")
    (created,) = await nachbar.until_received("Create")
    (announced,) = await nachbar.until_received("Announce")
    for shown, name, kind in (
        (created.activity["object"], "replyAuthorization", "ReplyAuthorization"),
        (announced.activity, "announceAuthorization", "AnnounceAuthorization"),
    ):
        status, document = await stadt.get(shown[name].removeprefix(stadt.origin))
        assert (status, document["type"], document["interactingObject"]) == (200, kind, shown["id"])
    assert await anna.get("/api/v1/interaction_requests") == []
    assert [item["type"] for item in await anna.get("/api/v1/notifications")] == ["reblog", "follow"]


async def test_where_everybody_may_nothing_is_shown(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post = await anna.write("Für alle")
    await act(bernd, post, "reply")
    await act(bernd, post, "reblog")
    own = await anna.write("Für mich", interaction_policy={"can_reply": {"always": ["author"]}})
    await act(anna, own, "reply")
    assert await stadt.count(InteractionRequest) == 0
    assert await stadt.count(Status, Status.authorization_uri.is_not(None)) == 0
    assert await stadt.count(Announce, Announce.authorization_uri.is_not(None)) == 0
