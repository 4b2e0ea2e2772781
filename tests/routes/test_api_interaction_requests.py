"""What others want to do with posts of ours, by who arrives: at once, never, or when the author has decided."""

from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from activitypub.access import part_of_policy
from activitypub.models import Announce, InteractionRequest, Like, Status, Wish
from activitypub.unit import Unit
from tests.client import Client, anonymous, app_of, statements
from tests.fediverse import PUBLIC, Person, Remote
from tests.quotes import following, request_for, state
from tests.town import Town

LATER = {"with_approval": ["public"]}
ASK = {"can_favourite": LATER, "can_reply": LATER, "can_reblog": LATER}
NOBODY = {name: {"always": ["author"]} for name in ASK}
TYPES = ("favourite", "reply", "reblog")
REQUESTS = {"favourite": "LikeRequest", "reply": "ReplyRequest", "reblog": "AnnounceRequest"}
AUTHORIZATIONS = {"favourite": "LikeAuthorization", "reply": "ReplyAuthorization", "reblog": "AnnounceAuthorization"}
REQUEST_PATH = "/api/v1/interaction_requests"


def doing(person: Person, post: Any, kind: str) -> dict[str, Any]:
    """Return what a person of another server sends to do this with a post."""
    if kind == "favourite":
        return person.activity("Like", post["uri"])
    if kind == "reblog":
        return person.activity("Announce", post["uri"], to=[PUBLIC], cc=[person.followers])
    return person.create(person.note("<p>Antwort</p>", inReplyTo=post["uri"]))


def asking(person: Person, post: Any, kind: str) -> dict[str, Any]:
    """Return how a person asks before doing this."""
    done = doing(person, post, kind)
    return person.activity(REQUESTS[kind], post["uri"], instrument=done["object"] if kind == "reply" else done)


def uri_of(activity: dict[str, Any]) -> str:
    """Return the id of what is done by an activity, or asked for in it."""
    done = activity.get("instrument", activity)
    return str(done["object"]["id"] if done["type"] == "Create" else done["id"])


async def counts(client: Client, post: Any) -> tuple[int, int, int]:
    """Return how often a post is liked, answered and announced, as everybody sees it."""
    seen = await anonymous(client.town).get(f"/api/v1/statuses/{post['id']}")
    return seen["favourites_count"], seen["replies_count"], seen["reblogs_count"]


async def kept(town: Town) -> tuple[int, int, int]:
    return (
        await town.count(Like),
        await town.count(Status, Status.in_reply_to_id.is_not(None)),
        await town.count(Announce),
    )


ONE = {"favourite": (1, 0, 0), "reply": (0, 1, 0), "reblog": (0, 0, 1)}


@pytest.mark.parametrize("kind", TYPES)
async def test_what_a_policy_denies_has_no_effect(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Ruhe bitte", interaction_policy=NOBODY)
    await stadt.accept(bob, doing(bob, post, kind))
    assert await kept(stadt) == (0, 0, 0)
    assert await anna.get(REQUEST_PATH) == []
    assert [received.activity["type"] for received in nachbar.received] == []


async def test_an_answer_that_was_denied_is_not_shown_because_somebody_passes_it_on(
    stadt: Town, nachbar: Remote
) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Ruhe bitte", interaction_policy=NOBODY)
    await following(stadt, anna, nachbar.person("carl"))
    note = bob.note("<p>Trotzdem</p>", inReplyTo=post["uri"])
    carl = nachbar.person("carl")
    await stadt.accept(carl, carl.activity("Announce", note["id"], to=[PUBLIC], cc=[carl.followers]))
    assert await counts(anna, post) == (0, 0, 0)
    for client in (anna, anonymous(stadt)):
        assert (await client.get(f"/api/v1/statuses/{post['id']}/context"))["descendants"] == []
    assert await anna.get(REQUEST_PATH) == []
    assert await stadt.count(Status, Status.uri == note["id"], Status.held) == 1


@pytest.mark.parametrize("kind", TYPES)
async def test_a_request_for_what_is_denied_is_rejected(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Ruhe bitte", interaction_policy=NOBODY)
    asked = asking(bob, post, kind)
    await stadt.accept(bob, asked)
    (answer,) = await nachbar.until_received("Reject")
    assert answer.activity["object"] == {
        "id": asked["id"],
        "type": REQUESTS[kind],
        "actor": bob.uri,
        "object": post["uri"],
        "instrument": uri_of(asked),
    }
    assert await kept(stadt) == (0, 0, 0)


@pytest.mark.parametrize("asks", [True, False])
@pytest.mark.parametrize("kind", TYPES)
async def test_what_needs_consent_waits_and_happens_then(stadt: Town, nachbar: Remote, kind: str, asks: bool) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    sent = (asking if asks else doing)(bob, post, kind)
    await stadt.accept(bob, sent)

    assert await counts(anna, post) == (0, 0, 0)
    (waiting,) = await anna.get(REQUEST_PATH)
    assert (waiting["type"], waiting["account"]["acct"], waiting["status"]["id"]) == (
        kind,
        f"bob@{nachbar.domain}",
        post["id"],
    )
    assert {"accepted_at", "rejected_at"}.isdisjoint(waiting)
    assert ("reply" in waiting) == (kind == "reply")
    assert [item["type"] for item in await anna.get("/api/v1/notifications")] == [f"pending.{kind}"]

    decided = await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")

    assert decided["accepted_at"]
    assert await counts(anna, post) == ONE[kind]
    assert await anna.get(REQUEST_PATH) == []
    (answer,) = await nachbar.until_received("Accept")
    assert answer.activity["actor"] == f"{stadt.origin}/users/anna"
    named = answer.activity["object"]
    assert (named["id"], named["type"]) == (sent["id"], REQUESTS[kind]) if asks else named == uri_of(sent)
    status, document = await stadt.get(answer.activity["result"].removeprefix(stadt.origin))
    assert status == 200
    assert {name: document[name] for name in document if name != "@context"} == {
        "id": answer.activity["result"],
        "type": AUTHORIZATIONS[kind],
        "attributedTo": f"{stadt.origin}/users/anna",
        "interactingObject": uri_of(sent),
        "interactionTarget": post["uri"],
    }


@pytest.mark.parametrize("kind", TYPES)
async def test_what_is_rejected_never_happens(stadt: Town, nachbar: Remote, kind: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    sent = doing(bob, post, kind)
    await stadt.accept(bob, sent)
    (waiting,) = await anna.get(REQUEST_PATH)
    decided = await anna.post(f"{REQUEST_PATH}/{waiting['id']}/reject")
    assert decided["rejected_at"]
    (answer,) = await nachbar.until_received("Reject")
    assert (answer.activity["object"], answer.activity["target"]) == (uri_of(sent), post["uri"])
    assert await kept(stadt) == (0, 0, 0)

    again = sent if kind == "reply" else doing(bob, post, kind)
    await stadt.accept(bob, {**again, "id": nachbar.fresh_id("again")})
    instrument = again["object"] if kind == "reply" else doing(bob, post, kind)
    asked = bob.activity(REQUESTS[kind], post["uri"], instrument=instrument)
    await stadt.accept(bob, asked)
    assert (await nachbar.until_received("Reject", 2))[1].activity["object"]["id"] == asked["id"]

    assert await kept(stadt) == (0, 0, 0)
    assert await anna.get(REQUEST_PATH) == []
    path = f"{REQUEST_PATH}/{waiting['id']}"
    assert (await anna.get(path))["rejected_at"] == decided["rejected_at"]
    assert (await anna.post(f"{path}/reject"))["rejected_at"] == decided["rejected_at"]
    assert (await anna.ask("POST", f"{path}/authorize")).status == 422


async def test_an_answer_that_waits_is_between_the_two(stadt: Town, nachbar: Remote) -> None:
    anna, carla, bob = await app_of(stadt, "anna"), await app_of(stadt, "carla"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    mention = {"type": "Mention", "href": f"{stadt.origin}/users/carla", "name": "@carla"}
    note = bob.note("<p>Hört #her</p>", inReplyTo=post["uri"], tag=[mention], cc=[mention["href"]])
    await stadt.accept(bob, bob.create(note))
    (waiting,) = await anna.get(REQUEST_PATH)
    path = f"/api/v1/statuses/{waiting['reply']['id']}"
    for client in (carla, anonymous(stadt)):
        assert (await client.ask("GET", path)).status == 404
        assert (await client.get(f"/api/v1/statuses/{post['id']}/context"))["descendants"] == []
        assert await client.get(f"/api/v1/accounts/{waiting['account']['id']}/statuses") == []
    assert (await anna.get(f"/api/v1/statuses/{post['id']}/context"))["descendants"] == []
    assert await carla.get("/api/v1/notifications") == []
    _, replies = await stadt.get(f"/users/anna/statuses/{post['id']}/replies?page=true")
    assert not replies.get("orderedItems")

    edited = {**note, "content": "<p>Hört doch</p>", "updated": "2027-01-01T00:00:00Z"}
    await stadt.accept(bob, bob.activity("Update", edited))
    assert await carla.get("/api/v1/notifications") == []
    below = bob.create(bob.note(inReplyTo=note["id"]))
    await stadt.accept(bob, below)
    assert await stadt.count(Status, Status.uri == below["object"]["id"]) == 0
    body = {"status": "Moment", "in_reply_to_id": waiting["reply"]["id"]}
    assert (await anna.ask("POST", "/api/v1/statuses", json=body)).status == 403

    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")

    assert (await carla.get(path))["content"] == "<p>Hört doch</p>"
    assert [item["type"] for item in await carla.get("/api/v1/notifications")] == ["mention"]
    (below_it,) = (await anonymous(stadt).get(f"/api/v1/statuses/{post['id']}/context"))["descendants"]
    assert below_it["uri"] == note["id"]


@pytest.mark.parametrize("kind", ["favourite", "reblog"])
@pytest.mark.parametrize("by_id", [True, False])
async def test_what_waits_can_be_taken_back(stadt: Town, nachbar: Remote, kind: str, by_id: bool) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    sent = doing(bob, post, kind)
    await stadt.accept(bob, sent)
    assert len(await anna.get(REQUEST_PATH)) == 1
    await stadt.accept(bob, bob.activity("Undo", sent["id"] if by_id else sent))
    assert await anna.get(REQUEST_PATH) == []


async def test_an_answer_that_is_deleted_waits_no_more(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    sent = doing(bob, post, "reply")
    await stadt.accept(bob, sent)
    await stadt.accept(bob, bob.activity("Delete", uri_of(sent)))
    assert await anna.get(REQUEST_PATH) == []
    assert await counts(anna, post) == (0, 0, 0)


async def test_who_belongs_to_a_group_is_told_at_once(stadt: Town, nachbar: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), nachbar.person("carl")
    post = await anna.write("Für euch", interaction_policy={"can_favourite": {"always": ["followers"]}})
    await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/anna"))
    await nachbar.until_received("Accept")
    for person in (bob, carl):
        await stadt.accept(person, doing(person, post, "favourite"))
    assert await counts(anna, post) == (1, 0, 0)
    answers = [item.activity for item in await nachbar.until_received("Accept", 2)]
    (told,) = [answer for answer in answers if "result" in answer]
    assert (await stadt.get(told["result"].removeprefix(stadt.origin)))[0] == 200


async def test_an_authorization_goes_with_what_it_allows(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Offen")
    asked = asking(bob, post, "favourite")
    await stadt.accept(bob, asked)
    (answer,) = await nachbar.until_received("Accept")
    path = answer.activity["result"].removeprefix(stadt.origin)
    assert (await stadt.get(path))[0] == 200
    assert await counts(anna, post) == (1, 0, 0)
    await stadt.accept(bob, bob.activity("Undo", asked["instrument"]))
    assert (await stadt.get(path))[0] == 404
    assert (await stadt.get("/users/anna/authorizations/1"))[0] == 404


@pytest.mark.parametrize("kind", TYPES)
async def test_residents_wait_too(stadt: Town, kind: str) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    path = f"/api/v1/statuses/{post['id']}"
    if kind == "reply":
        await bernd.write("Antwort", in_reply_to_id=post["id"])
    else:
        seen = await bernd.post(f"{path}/{kind}")
        assert (seen["id"], seen["favourited"], seen["reblogged"]) == (post["id"], False, False)
        await bernd.post(f"{path}/{kind}")
    assert await counts(anna, post) == (0, 0, 0)
    (waiting,) = await anna.get(REQUEST_PATH)
    assert (waiting["type"], waiting["account"]["username"]) == (kind, "bernd")
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")
    assert await counts(anna, post) == ONE[kind]


@pytest.mark.parametrize("kind", TYPES)
async def test_where_a_name_may_be_a_group_of_others_the_author_is_asked(
    stadt: Town, nachbar: Remote, kind: str
) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    named = {"always": [nachbar.person("verein", kind="Group").followers]}
    post = await anna.write("Für den Verein", interaction_policy=dict.fromkeys(ASK, named))
    if kind == "reply":
        await bernd.write("Antwort", in_reply_to_id=post["id"])
    else:
        await bernd.post(f"/api/v1/statuses/{post['id']}/{kind}")
    assert await counts(anna, post) == (0, 0, 0)
    (waiting,) = await anna.get(REQUEST_PATH)
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")
    assert await counts(anna, post) == ONE[kind]


async def test_a_resident_takes_back_what_waits(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    path = f"/api/v1/statuses/{(await anna.write('Fragt mich', interaction_policy=ASK))['id']}"
    for done, undone in (("favourite", "unfavourite"), ("reblog", "unreblog")):
        await bernd.post(f"{path}/{done}")
        assert len(await anna.get(REQUEST_PATH)) == 1
        await bernd.post(f"{path}/{undone}")
        assert await anna.get(REQUEST_PATH) == []


async def test_a_resident_is_refused_after_a_no(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await bernd.post(f"/api/v1/statuses/{post['id']}/favourite")
    (waiting,) = await anna.get(REQUEST_PATH)
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/reject")
    assert (await bernd.ask("POST", f"/api/v1/statuses/{post['id']}/favourite")).status == 403


async def test_a_residents_answer_leaves_only_when_it_is_allowed(stadt: Town, nachbar: Remote) -> None:
    anna, bernd, bob = await app_of(stadt, "anna"), await app_of(stadt, "bernd"), nachbar.person("bob")
    await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/bernd"))
    await nachbar.until_received("Accept")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    reply = await bernd.write("Antwort", in_reply_to_id=post["id"])
    await bernd.put(f"/api/v1/statuses/{reply['id']}", json={"status": "Bessere Antwort"})
    await bernd.write("Etwas anderes")
    (first,) = await nachbar.until_received("Create")
    assert "Etwas anderes" in first.activity["object"]["content"]
    (waiting,) = await anna.get(REQUEST_PATH)
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")
    second = (await nachbar.until_received("Create", 2))[1]
    assert second.activity["object"]["id"] == reply["uri"]
    assert not [item for item in nachbar.received if item.activity["type"] == "Update"]


async def test_an_answer_that_waits_cannot_quote(stadt: Town) -> None:
    anna, bernd = await app_of(stadt, "anna"), await app_of(stadt, "bernd")
    post, other = await anna.write("Fragt mich", interaction_policy=ASK), await anna.write("Anderes")
    body = {"status": "x", "in_reply_to_id": post["id"], "quoted_status_id": other["id"]}
    assert (await bernd.ask("POST", "/api/v1/statuses", json=body)).status == 422
    assert await anna.get(REQUEST_PATH) == []


def let_quotes_wait(unit: Unit, status_id: int) -> None:
    """Let the author decide on each quote of a post."""
    policy = {"canQuote": part_of_policy(manual=["public"])}
    unit.execute(update(Status).where(Status.id == status_id).values(interaction_policy=policy))


@pytest.mark.parametrize("decision", ["authorize", "reject"])
async def test_a_quote_that_waits_is_decided(stadt: Town, nachbar: Remote, decision: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Sommerfest")
    await stadt.write(let_quotes_wait, int(post["id"]))
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    (waiting,) = await anna.get(REQUEST_PATH)
    assert (waiting["type"], waiting["reply"]["uri"]) == ("quote", asked["instrument"]["id"])
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/{decision}")
    yes = decision == "authorize"
    (answer,) = await nachbar.until_received("Accept" if yes else "Reject")
    assert answer.activity["object"]["id"] == asked["id"]
    assert await state(stadt, asked["instrument"]["id"]) == ("accepted" if yes else "rejected")
    if yes:
        status, document = await stadt.get(answer.activity["result"].removeprefix(stadt.origin))
        assert (status, document["type"]) == (200, "QuoteAuthorization")
    assert await anna.get(REQUEST_PATH) == []


async def test_a_quote_that_is_taken_out_waits_no_more(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Sommerfest")
    await stadt.write(let_quotes_wait, int(post["id"]))
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    note = {name: value for name, value in asked["instrument"].items() if name != "quote"}
    await stadt.accept(bob, bob.activity("Update", {**note, "updated": "2027-01-01T00:00:00Z"}))
    assert await anna.get(REQUEST_PATH) == []


async def test_requests_are_paged_and_chosen(stadt: Town, nachbar: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), nachbar.person("carl")
    posts = [await anna.write(f"Post {number}", interaction_policy=ASK) for number in range(2)]
    for post in posts:
        for kind in TYPES:
            await stadt.accept(bob, doing(bob, post, kind))
    await stadt.accept(carl, doing(carl, posts[0], "favourite"))
    everything = await anna.get(REQUEST_PATH)
    assert len(everything) == 7
    first = await anna.ask("GET", f"{REQUEST_PATH}?limit=4")
    second = await anna.get(first.link("next") or "")
    assert [item["id"] for item in (*first.json, *second)] == [item["id"] for item in everything]
    likes = await anna.get(f"{REQUEST_PATH}?replies=false&reblogs=false")
    assert {item["type"] for item in likes} == {"favourite"}
    assert len(await anna.get(f"{REQUEST_PATH}?status_id={posts[0]['id']}")) == 4
    none = f"{REQUEST_PATH}?favourites=false&replies=false&reblogs=false&quotes=false"
    assert (await anna.ask("GET", none)).status == 422
    with statements(stadt) as seen:
        await anna.get(REQUEST_PATH)
    assert len(seen) <= 7, "\n".join(seen)


async def test_requests_are_their_authors_alone(stadt: Town, nachbar: Remote) -> None:
    anna, bernd, bob = await app_of(stadt, "anna"), await app_of(stadt, "bernd"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, doing(bob, post, "favourite"))
    (waiting,) = await anna.get(REQUEST_PATH)
    path = f"{REQUEST_PATH}/{waiting['id']}"
    assert await bernd.get(REQUEST_PATH) == []
    for method, where in (("GET", path), ("POST", f"{path}/authorize"), ("POST", f"{path}/reject")):
        assert (await bernd.ask(method, where)).status == 404
        assert (await anonymous(stadt).ask(method, where)).status == 401
    assert (await anna.ask("GET", f"{REQUEST_PATH}/1")).status == 404


async def test_nobody_asks_in_the_name_of_others(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    mallory = boese.person("mallory")
    await stadt.meet(mallory)
    post, other = await anna.write("Fragt mich", interaction_policy=ASK), await anna.write("Offen")
    for instrument in (
        doing(bob, post, "favourite"),
        doing(bob, post, "favourite")["id"],
        doing(mallory, post, "favourite"),
        doing(eve, other, "favourite"),
    ):
        await stadt.accept(eve, eve.activity("LikeRequest", post["uri"], instrument=instrument))
    theirs = mallory.note(inReplyTo=other["uri"])
    await stadt.accept(mallory, mallory.create(theirs))
    for note in (
        {**theirs, "attributedTo": eve.uri, "inReplyTo": post["uri"]},
        bob.note(inReplyTo=post["uri"]),
        {**eve.note(inReplyTo=post["uri"]), "attributedTo": mallory.uri},
        eve.note(inReplyTo=other["uri"]),
        eve.note(),
    ):
        await stadt.accept(eve, eve.activity("ReplyRequest", post["uri"], instrument=note))
    assert await anna.get(REQUEST_PATH) == []
    assert await stadt.count(Status) == 3


async def test_who_may_not_read_a_post_or_is_blocked_hears_nothing(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    open_to_few = await anna.write("Für wenige", visibility="private", interaction_policy=ASK)
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    for kind in TYPES:
        await stadt.accept(bob, asking(bob, open_to_few, kind))
    assert await anna.get(REQUEST_PATH) == []
    await anna.post(f"/api/v1/accounts/{(await stadt.meet(bob)).id}/block")
    for kind in TYPES:
        await stadt.accept(bob, asking(bob, post, kind))
    assert await anna.get(REQUEST_PATH) == []
    assert {item.activity["type"] for item in await nachbar.until_received("Block")} == {"Block"}
    assert {item.activity["type"] for item in nachbar.received} <= {"Block", "Reject", "Undo"}
    assert await kept(stadt) == (0, 0, 0)


async def test_what_waits_is_authorized_nowhere(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    await stadt.accept(bob, doing(bob, post, "reply"))
    (waiting,) = await anna.get(REQUEST_PATH)
    assert (await stadt.get(f"/users/anna/authorizations/{waiting['id']}"))[0] == 404
    await anna.post(f"{REQUEST_PATH}/{waiting['id']}/authorize")
    assert (await stadt.get(f"/users/anna/authorizations/{waiting['id']}"))[0] == 200
    await app_of(stadt, "bernd")
    assert (await stadt.get(f"/users/bernd/authorizations/{waiting['id']}"))[0] == 404


async def test_one_id_stands_for_one_like(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post, other = await anna.write("Fragt mich", interaction_policy=ASK), await anna.write("Offen")
    like = doing(bob, other, "favourite")
    await stadt.accept(bob, like)
    await stadt.accept(bob, bob.activity("LikeRequest", post["uri"], instrument={**like, "object": post["uri"]}))
    assert await anna.get(REQUEST_PATH) == []


async def test_a_request_that_comes_twice_is_one(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Fragt mich", interaction_policy=ASK)
    reply = bob.note("<p>Antwort</p>", inReplyTo=post["uri"])
    await stadt.accept(bob, bob.create(reply))
    asked = bob.activity("ReplyRequest", post["uri"], instrument=reply)
    await stadt.accept(bob, asked)

    def wishes(session: Session) -> list[tuple[Wish, str | None]]:
        columns = select(InteractionRequest.wish, InteractionRequest.request_uri)
        return [(wish, uri) for wish, uri in session.execute(columns)]

    assert await stadt.read(wishes) == [(Wish.REPLY, asked["id"])]
