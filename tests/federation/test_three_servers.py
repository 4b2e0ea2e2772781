"""Who hears of what, with a third server at the table: forwarding, one copy for each, nothing for the shut out."""

from typing import Any

import pytest

from activitypub.models import DomainBlock, Follow, Severity, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from inbox.models import InboxItem
from outbox.models import Delivery
from tests import acts
from tests.acts import loaded_status
from tests.fediverse import Person, Remote
from tests.town import Town
from tests.towns import followed_by, met

SIGNED_BY_ITS_AUTHOR = {"signature": {"type": "RsaSignature2017", "creator": "x", "signatureValue": "bm8="}}


# --------------------------------------------------------------------------------------------- forwarding


async def a_reply_to_anna(stadt: Town, sued: Town, paul: Person) -> tuple[Status, dict[str, Any]]:
    """Return a post of Anna, whom Carla of Sued follows, and Paul's answer, which is meant for Anna's followers too."""
    anna, carla = await stadt.resident("anna"), await sued.resident("carla")
    await sued.write(acts.follow, carla, await met(sued, "anna", stadt))
    await sued.until(Follow, Follow.accepted_at.is_not(None))
    post = await stadt.write(acts.write, anna)
    await sued.until(Status, Status.uri == post.uri)
    note = paul.note("<p>Echt</p>", inReplyTo=post.uri, cc=[f"{anna.uri}/followers", anna.uri])
    return post, note


async def test_a_reply_reaches_the_followers_of_the_thread(stadt: Town, sued: Town, nachbar: Remote) -> None:
    paul = nachbar.person("paul")
    post, note = await a_reply_to_anna(stadt, sued, paul)

    await stadt.accept(paul, paul.create({**note, "content": "<p>Verändert</p>"}, **SIGNED_BY_ITS_AUTHOR))
    await sued.until(Status, Status.uri == note["id"])

    reply = await sued.read(loaded_status, note["id"])
    parent = await sued.read(loaded_status, post.uri)
    assert reply is not None
    assert parent is not None
    # Not what was passed on is kept, but what its own server says.
    assert (reply.content, reply.actor.uri, reply.in_reply_to_id) == ("<p>Echt</p>", paul.uri, parent.id)
    assert parent.replies_count == 1


@pytest.mark.parametrize("missing", ["signature", "the followers"])
async def test_a_reply_that_nobody_would_take_from_us_is_not_passed_on(
    stadt: Town, sued: Town, nachbar: Remote, missing: str
) -> None:
    paul = nachbar.person("paul")
    _, note = await a_reply_to_anna(stadt, sued, paul)
    signed = {} if missing == "signature" else SIGNED_BY_ITS_AUTHOR
    if missing == "the followers":
        note["cc"] = [f"{nachbar.origin}/users/petra/followers"]
    await stadt.accept(paul, paul.create(note, **signed))
    await stadt.rest()
    assert await sued.count(InboxItem, InboxItem.actor_uri == paul.uri) == 0


async def test_the_server_passes_on_and_not_the_author(stadt: Town, sued: Town, nachbar: Remote, boese: Remote) -> None:
    """What somebody refuses from us holds up what Anna herself has to say there only if it stands in her lane."""
    paul = nachbar.person("paul")
    _, note = await a_reply_to_anna(stadt, sued, paul)
    await followed_by(stadt, await met(stadt, "anna", stadt), boese.person("mallory"))
    await stadt.accept(paul, paul.create(note, **SIGNED_BY_ITS_AUTHOR))
    (passed_on,) = await boese.until_received("Create")
    assert f'keyId="{stadt.origin}/actor#main-key"' in passed_on.headers["Signature"]
    assert passed_on.activity["actor"] == paul.uri


async def test_a_reply_is_not_sent_back_to_where_it_came_from(stadt: Town, sued: Town, nachbar: Remote) -> None:
    paul, petra = nachbar.person("paul"), nachbar.person("petra")
    _, note = await a_reply_to_anna(stadt, sued, paul)
    await followed_by(stadt, await met(stadt, "anna", stadt), petra)
    nachbar.received.clear()
    await stadt.accept(paul, paul.create(note, **SIGNED_BY_ITS_AUTHOR))
    await sued.until(Status, Status.uri == note["id"])
    await stadt.rest()
    assert nachbar.received == []


# ---------------------------------------------------------------------------------------------- recipients


async def test_a_server_gets_one_copy_for_all_its_people(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    people = [nachbar.person(f"leser{number}") for number in range(4)]
    await followed_by(stadt, anna, *people)
    mentioned = [await stadt.meet(person) for person in people[:2]]

    await stadt.write(acts.write, anna, mentions=mentioned)
    await stadt.rest()

    assert [(received.path, received.activity["type"]) for received in nachbar.received] == [("/inbox", "Create")]


async def test_without_a_shared_inbox_everybody_gets_a_copy(stadt: Town, nachbar: Remote) -> None:
    anna = await stadt.resident("anna")
    people = [nachbar.person(f"leser{number}") for number in range(3)]
    for person in people:
        nachbar.documents[f"/users/{person.username}"] = person.document() | {"endpoints": {}}
    await followed_by(stadt, anna, *people)
    await stadt.write(acts.write, anna)
    await stadt.rest()
    assert {received.path for received in nachbar.received} == {f"/users/leser{number}/inbox" for number in range(3)}


@pytest.mark.parametrize("domain", ["nachbar.test", "test"])
async def test_nothing_goes_to_a_domain_that_is_shut_out(stadt: Town, nachbar: Remote, domain: str) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    await followed_by(stadt, anna, paul)
    paul_here = await stadt.meet(paul)

    def shut_out(unit: Unit) -> None:
        unit.add(DomainBlock(domain=domain, severity=Severity.SUSPEND, created_at=unit.now))

    await stadt.write(shut_out)
    for visibility in Visibility:
        await stadt.write(acts.write, anna, visibility=visibility, mentions=[paul_here])
    await stadt.write(acts.rename, anna.id, "Anna Amsel")
    await stadt.write(acts.leave, anna.id)
    await stadt.rest()

    assert nachbar.received == []
    assert await stadt.count(Delivery) == 0


async def test_nothing_is_sent_to_ourselves(stadt: Town) -> None:
    anna, bernd = await stadt.resident("anna"), await stadt.resident("bernd")
    await stadt.write(acts.follow, bernd, anna)
    post = await stadt.write(acts.write, anna, mentions=[bernd])
    await stadt.write(acts.like, bernd, post.uri)
    await stadt.write(acts.announce, bernd, post.uri)
    await stadt.write(acts.leave, bernd.id)
    await stadt.rest()
    assert await stadt.count(Delivery) == 0
    assert await stadt.count(InboxItem) == 0
    assert stadt.looked_up == []


# ------------------------------------------------------------------------------------------------- inboxes


async def test_the_same_activity_may_come_to_every_inbox_and_counts_once(stadt: Town, nachbar: Remote) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    create = paul.create(paul.note(cc=[anna.uri]))
    for path in ("/users/anna/inbox", "/inbox", "/actor/inbox"):
        await stadt.accept(paul, create, path=path)
    assert await stadt.count(Status) == 1
    assert await stadt.count(InboxItem) == 1


@pytest.mark.parametrize("path", ["/inbox", "/users/anna/inbox"])
async def test_either_inbox_takes_a_follow(stadt: Town, nachbar: Remote, path: str) -> None:
    anna, paul = await stadt.resident("anna"), nachbar.person("paul")
    await stadt.accept(paul, paul.activity("Follow", anna.uri), path=path)
    (answer,) = await nachbar.until_received("Accept")
    assert answer.path == "/users/paul/inbox"
    assert await stadt.deliver(paul, paul.activity("Follow", anna.uri), path="/users/niemand/inbox") == 404
