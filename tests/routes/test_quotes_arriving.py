"""Quotes that come from and go to other servers: asked for, stamped, refused, revoked. FEP-044f, row A17."""

from typing import Any

import pytest

from activitypub.models import Actor, Quote, QuoteState, Status
from tests.client import Client, app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.quotes import following, request_for, stamp, state
from tests.town import Town
from tests.towns import followed_by

# ------------------------------------------------------------------------------------ we are quoted


async def test_a_request_is_granted_with_a_stamp_that_can_be_read(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("Sommerfest")
    asked = request_for(bob, post["uri"])

    await stadt.accept(bob, asked)

    (answer,) = await nachbar.until_received("Accept")
    assert answer.path == "/users/bob/inbox"
    assert answer.activity["actor"] == f"{stadt.origin}/users/anna"
    assert answer.activity["object"] == {
        "id": asked["id"],
        "type": "QuoteRequest",
        "actor": bob.uri,
        "object": post["uri"],
        "instrument": asked["instrument"]["id"],
    }
    status, document = await stadt.get(answer.activity["result"].removeprefix(stadt.origin))
    assert status == 200
    assert {name: document[name] for name in document if name != "@context"} == {
        "id": answer.activity["result"],
        "type": "QuoteAuthorization",
        "attributedTo": f"{stadt.origin}/users/anna",
        "interactingObject": asked["instrument"]["id"],
        "interactionTarget": post["uri"],
    }
    (quote,) = await anna.get(f"/api/v1/statuses/{post['id']}/quotes")
    assert (quote["uri"], quote["quote"]["state"]) == (asked["instrument"]["id"], "accepted")
    assert [item["type"] for item in await anna.get("/api/v1/notifications")] == ["quote"]


async def test_asked_twice_it_is_one_quote_with_one_stamp(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("x")
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    await stadt.accept(bob, bob.create(asked["instrument"]))
    await stadt.accept(bob, {**asked, "id": nachbar.fresh_id("request")})
    answers = await nachbar.until_received("Accept", 2)
    assert len({answer.activity["result"] for answer in answers}) == 1
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == 1


async def test_a_request_against_the_policy_is_refused_and_the_post_not_kept(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("x", quote_approval_policy="nobody")
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    (answer,) = await nachbar.until_received("Reject")
    assert answer.activity["object"]["id"] == asked["id"]
    assert "result" not in answer.activity
    assert await stadt.count(Status, Status.uri == asked["instrument"]["id"]) == 0


@pytest.mark.parametrize("follows", [True, False])
async def test_followers_may_where_followers_may(stadt: Town, nachbar: Remote, follows: bool) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    if follows:
        await stadt.accept(bob, bob.activity("Follow", f"{stadt.origin}/users/anna"))
        await nachbar.until_received("Accept")
        nachbar.received.clear()
    post = await anna.write("x", quote_approval_policy="followers")
    await stadt.accept(bob, request_for(bob, post["uri"]))
    assert await nachbar.until_received("Accept" if follows else "Reject")


async def test_who_may_not_read_a_post_does_not_learn_that_it_is_there(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    hidden = await anna.write("x", visibility="private")
    for uri in (hidden["uri"], f"{hidden['uri']}1"):
        await stadt.accept(bob, request_for(bob, uri))
    await stadt.rest()
    assert nachbar.received == []


async def test_nobody_asks_for_a_post_that_is_not_theirs(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    post = await anna.write("x")
    note = bob.note(quote=post["uri"])
    before = await stadt.count(Quote)
    for instrument in (note, note["id"], {**note, "id": f"{boese.origin}/notes/9"}):
        await stadt.accept(eve, eve.activity("QuoteRequest", post["uri"], instrument=instrument))
    # and it must be this post that is quoted
    await stadt.accept(bob, bob.activity("QuoteRequest", post["uri"], instrument=bob.note(quote=f"{post['uri']}1")))
    await stadt.rest()
    assert await stadt.count(Quote) == before
    assert [item.activity["type"] for item in (*nachbar.received, *boese.received)] == []


@pytest.mark.parametrize("policy", ["public", "nobody"])
async def test_a_quote_that_comes_unasked_is_judged_by_the_policy(stadt: Town, nachbar: Remote, policy: str) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    post = await anna.write("x", quote_approval_policy=policy)
    note = bob.note("<p>RE</p>", _misskey_quote=post["uri"], cc=[f"{stadt.origin}/users/anna"])
    await stadt.accept(bob, bob.create(note))
    expected = QuoteState.ACCEPTED if policy == "public" else QuoteState.REJECTED
    assert await state(stadt, note["id"]) is expected
    assert (await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] == int(policy == "public")


async def test_revoking_deletes_the_stamp_and_tells_who_saw_it(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    await stadt.accept(carl, carl.activity("Follow", f"{stadt.origin}/users/anna"))
    post = await anna.write("x")
    asked = request_for(bob, post["uri"])
    await stadt.accept(bob, asked)
    stamped = (await nachbar.until_received("Accept"))[0].activity["result"]
    (quote,) = await anna.get(f"/api/v1/statuses/{post['id']}/quotes")

    await anna.post(f"/api/v1/statuses/{post['id']}/quotes/{quote['id']}/revoke")

    for server in (nachbar, boese):
        (deleted,) = await server.until_received("Delete")
        stamp_of_ours = {"id": stamped, "type": "QuoteAuthorization", "attributedTo": f"{stadt.origin}/users/anna"}
        assert deleted.activity["object"] == stamp_of_ours
    assert (await stadt.get(stamped.removeprefix(stadt.origin)))[0] == 404
    # Asked again for what was taken back, the answer is no.
    await stadt.accept(bob, {**asked, "id": nachbar.fresh_id("request")})
    assert await nachbar.until_received("Reject")
    assert await state(stadt, asked["instrument"]["id"]) is QuoteState.REVOKED


async def test_a_stamp_that_never_was_is_not_found(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await anna.write("x")
    assert (await stadt.get("/users/anna/quote_authorizations/1"))[0] == 404


# ------------------------------------------------------------------------------------------- we quote


async def quoted_of(stadt: Town, person: Person, anna: Client, **note: Any) -> tuple[dict[str, Any], str]:
    """Return a note of a person and its id here."""
    await following(stadt, anna, person)
    everybody = {"canQuote": {"automaticApproval": [PUBLIC]}}
    document = person.note(**{"interactionPolicy": everybody, **note})
    await stadt.accept(person, person.create(document))
    found = await anna.get(f"/api/v2/search?q={document['id']}&resolve=true")
    return document, found["statuses"][0]["id"]


async def test_our_post_waits_until_its_stamp_comes(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    document, quoted_id = await quoted_of(stadt, bob, anna)
    await followed_by(stadt, await stadt.read(lambda s: s.get_one(Actor, int(anna.id))), carl)
    seen = (await anna.get(f"/api/v1/statuses/{quoted_id}"))["quote_approval"]
    assert seen == {"automatic": ["public"], "manual": [], "current_user": "automatic"}

    quote = await anna.write("Seht her", quoted_status_id=quoted_id)
    assert quote["quote"] == {"state": "pending", "quoted_status": None}
    created = (await boese.until_received("Create"))[0].activity["object"]
    assert "quoteAuthorization" not in created
    for name in ("quote", "quoteUrl", "quoteUri", "_misskey_quote"):
        assert created[name] == document["id"]
    assert created["content"].startswith('<p class="quote-inline">RE: <a href="')
    assert created["content"].endswith("<p>Seht her</p>")
    (link,) = [tag for tag in created["tag"] if tag["type"] == "Link"]
    assert (link["href"], link["rel"]) == (document["id"], "https://misskey-hub.net/ns#_misskey_quote")
    (asked,) = await nachbar.until_received("QuoteRequest")
    assert (asked.activity["object"], asked.activity["instrument"]["id"]) == (document["id"], quote["uri"])
    assert "@context" not in asked.activity["instrument"]

    stamped = nachbar.fresh_id("stamp")
    await stadt.accept(bob, bob.activity("Accept", asked.activity, result=stamped))

    assert (await anna.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "accepted"
    (updated,) = await boese.until_received("Update")
    assert updated.activity["object"]["quoteAuthorization"] == stamped
    assert "updated" not in updated.activity["object"], "nothing was edited"


@pytest.mark.parametrize("by_id", [True, False])
async def test_our_request_is_refused(stadt: Town, nachbar: Remote, by_id: bool) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    _, quoted_id = await quoted_of(stadt, bob, anna)
    quote = await anna.write("Seht her", quoted_status_id=quoted_id)
    asked = (await nachbar.until_received("QuoteRequest"))[0].activity
    await stadt.accept(bob, bob.activity("Reject", asked["id"] if by_id else asked))
    assert (await anna.get(f"/api/v1/statuses/{quote['id']}"))["quote"] == {"state": "rejected", "quoted_status": None}
    updated = (await nachbar.until_received("Update"))[0].activity["object"]
    assert "quote" not in updated
    assert updated["content"] == "<p>Seht her</p>"


async def test_only_who_was_asked_answers_and_only_with_a_stamp_of_their_own(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    _, quoted_id = await quoted_of(stadt, bob, anna)
    quote = await anna.write("x", quoted_status_id=quoted_id)
    asked = (await nachbar.until_received("QuoteRequest"))[0].activity
    await stadt.deliver(eve, eve.activity("Accept", asked["id"], result=boese.fresh_id("stamp")))
    await stadt.deliver(eve, eve.activity("Reject", asked["id"]))
    other = nachbar.person("dora")
    await stadt.deliver(other, other.activity("Accept", asked, result=nachbar.fresh_id("stamp")))
    await stadt.deliver(bob, bob.activity("Accept", asked))
    await stadt.deliver(bob, bob.activity("Accept", asked, result=boese.fresh_id("stamp")))
    await stadt.settle()
    assert (await anna.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "pending"


@pytest.mark.parametrize("bare", [True, False])
async def test_the_end_of_a_stamp_ends_our_quote(stadt: Town, nachbar: Remote, boese: Remote, bare: bool) -> None:
    anna, bob, eve = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("eve")
    _, quoted_id = await quoted_of(stadt, bob, anna)
    quote = await anna.write("x", quoted_status_id=quoted_id)
    asked = (await nachbar.until_received("QuoteRequest"))[0].activity
    stamped = nachbar.fresh_id("stamp")
    await stadt.accept(bob, bob.activity("Accept", asked, result=stamped))
    gone = stamped if bare else {"id": stamped, "type": "QuoteAuthorization", "attributedTo": bob.uri}
    await stadt.deliver(eve, eve.activity("Delete", stamped))
    other = nachbar.person("dora")
    await stadt.accept(other, other.activity("Delete", stamped))
    assert (await anna.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "accepted"

    await stadt.accept(bob, bob.activity("Delete", gone))

    assert (await anna.get(f"/api/v1/statuses/{quote['id']}"))["quote"]["state"] == "revoked"
    updates = await nachbar.until_received("Update", 2)
    assert "quote" not in updates[-1].activity["object"], "whoever has our post hears of it from us"


async def test_what_may_not_be_quoted_there_is_not_quoted_here(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    for policy, expected in (
        ({}, "denied"),
        ({"canQuote": {"automaticApproval": [bob.uri]}}, "denied"),
        ({"canQuote": {"automaticApproval": f"{bob.uri}/followers"}}, "automatic"),
        ({"canQuote": {"manualApproval": [PUBLIC]}}, "manual"),
        ({"canQuote": {"automaticApproval": [f"{bob.uri}/circle"]}}, "unknown"),
    ):
        note = bob.note(interactionPolicy=policy)
        await stadt.accept(bob, bob.create(note))
        status = (await anna.get(f"/api/v2/search?q={note['id']}&resolve=true"))["statuses"][0]
        assert status["quote_approval"]["current_user"] == expected
        answer = await anna.ask("POST", "/api/v1/statuses", json={"status": "x", "quoted_status_id": status["id"]})
        assert answer.status == (404 if expected == "denied" else 200)


async def test_what_stays_here_cannot_ask_elsewhere(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    _, quoted_id = await quoted_of(stadt, bob, anna)
    body = {"status": "x", "quoted_status_id": quoted_id, "local_only": True}
    assert (await anna.ask("POST", "/api/v1/statuses", json=body)).status == 422


# ------------------------------------------------------------------------------------- others quote others


async def test_a_stamp_is_read_from_the_quoted_authors_server(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    await following(stadt, anna, bob)
    quoted = carl.note("<p>Original</p>")
    note = bob.note("<p>Sehr wahr</p>", quote=quoted["id"])
    note["quoteAuthorization"] = stamp(carl, note, quoted)
    await stadt.accept(bob, bob.create(note))
    assert await state(stadt, note["id"]) is QuoteState.ACCEPTED
    (shown,) = await anna.get("/api/v1/timelines/home")
    assert shown["quote"]["quoted_status"]["content"] == "<p>Original</p>"


@pytest.mark.parametrize("why", ["own", "mentioned"])
async def test_some_quotes_need_no_stamp(stadt: Town, nachbar: Remote, boese: Remote, why: str) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    await following(stadt, anna, bob)
    mention = {"type": "Mention", "href": bob.uri, "name": "@bob"}
    quoted = bob.note("<p>eins</p>") if why == "own" else carl.note("<p>eins</p>", tag=[mention])
    note = bob.note("<p>zwei</p>", quote=quoted["id"])
    await stadt.accept(bob, bob.create(note))
    assert await state(stadt, note["id"]) is QuoteState.ACCEPTED


@pytest.mark.parametrize("how", ["deleted", "shown no more", "not served any more"])
async def test_a_revoked_stamp_ends_what_we_show_of_others(
    stadt: Town, nachbar: Remote, boese: Remote, how: str
) -> None:
    anna, bob, carl = await app_of(stadt, "anna"), nachbar.person("bob"), boese.person("carl")
    await following(stadt, anna, bob)
    quoted = carl.note("<p>Original</p>")
    note = bob.note("<p>Sehr wahr</p>", quote=quoted["id"])
    stamped = note["quoteAuthorization"] = stamp(carl, note, quoted)
    await stadt.accept(bob, bob.create(note))
    if how == "deleted":
        await stadt.accept(carl, carl.activity("Delete", stamped))
    else:
        if how == "shown no more":
            del note["quoteAuthorization"]
        else:
            del boese.documents[stamped.removeprefix(boese.origin)]
        await stadt.accept(bob, bob.activity("Update", note, to=note["to"], cc=note["cc"]))
    assert await state(stadt, note["id"]) is QuoteState.REVOKED


async def test_an_edit_takes_the_quote_out_or_puts_another_in(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    first, second = await anna.write("eins"), await anna.write("zwei")
    note = bob.note("<p>x</p>", quote=first["uri"])
    await stadt.accept(bob, bob.create(note))
    for quoted in (second["uri"], None):
        note["quote"] = quoted
        await stadt.accept(bob, bob.activity("Update", note, to=note["to"], cc=note["cc"]))
        counts = [(await anna.get(f"/api/v1/statuses/{post['id']}"))["quotes_count"] for post in (first, second)]
        assert counts == [0, int(quoted is not None)]


async def test_a_quote_that_came_before_what_it_quotes_is_tied_to_it(
    stadt: Town, nachbar: Remote, boese: Remote
) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    quoted = bob.note("<p>eins</p>")
    path = quoted["id"].removeprefix(nachbar.origin)
    del nachbar.documents[path]
    note = bob.note("<p>zwei</p>", quote=quoted["id"])
    await stadt.accept(bob, bob.create(note))
    assert await state(stadt, note["id"]) is QuoteState.PENDING
    await stadt.accept(bob, bob.create(quoted))
    assert await state(stadt, note["id"]) is QuoteState.ACCEPTED


async def test_two_that_quote_each_other_lead_nowhere(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    first, second = bob.note("<p>eins</p>"), bob.note("<p>zwei</p>")
    first["quote"], second["quote"] = second["id"], first["id"]
    itself = bob.note("<p>drei</p>")
    itself["quote"] = itself["id"]
    for note in (first, itself):
        await stadt.accept(bob, bob.create(note))
    assert await state(stadt, first["id"]) is QuoteState.ACCEPTED
    assert await state(stadt, itself["id"]) is None


async def test_a_chain_of_quotes_is_followed_one_step(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    chain = [bob.note("<p>0</p>")]
    for number in range(1, 6):
        chain.append(bob.note(f"<p>{number}</p>", quote=chain[-1]["id"]))
    nachbar.requested.clear()
    await stadt.accept(bob, bob.create(chain[-1]))
    read = [path for path in nachbar.requested if path.startswith("/notes/")]
    assert read == [chain[-2]["id"].removeprefix(nachbar.origin)]
