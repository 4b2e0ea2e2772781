"""What fifteen programs send, through the running inbox: each payload has the effect that expectations.toml states.

A payload is signed by its actor and posted to the shared inbox of a town in which it matters: the town hall follows
its author, and what it is about is there. Whatever this server does not act on is accepted, leaves no trace, and
says why in its row of the inbox.
"""

import logging
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from sqlalchemy import select
from sqlalchemy.orm import Session

from fediverse_kommune.agenda import Agenda
from fediverse_kommune.models import LinkCheck
from inbox.models import InboxItem
from tests.payload_effects import EFFECTS
from tests.payload_files import ELSEWHERE, SHOWN, Payload, payloads
from tests.payload_servers import Document, PayloadServers, World
from tests.payload_steps import settle_in
from tests.security.attack import changes
from tests.town import Town, town

pytestmark = pytest.mark.asyncio(loop_scope="module")

PAYLOADS = [each for each in payloads() if each.effect not in SHOWN | ELSEWHERE]


def named(each: object) -> str:
    return each.name if isinstance(each, Payload) else str(each)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def stadt(module_database: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Town]:
    async with town(module_database, tmp_path_factory.mktemp("stadt")) as running:
        yield running


# What means something to somebody else.
NOT_FOR_US = frozenset(
    {
        "gotosocial/accept_reply.json",  # we did not ask whether we may reply
        "hubzilla/add_to_conversation.json",  # not a pin
        "lemmy/block_resident.json",  # keeps one of ours out of a group, which says so itself
        "lemmy/block_user.json",  # keeps a third party out of a group
        "mobilizon/accept_join.json",  # we joined nothing
        "mobilizon/invite.json",  # into a group
        "mobilizon/reject_join.json",
    }
)
REFUSED = [each for each in PAYLOADS if each.expected.get("unreadable")]
EFFECTIVE = [each for each in PAYLOADS if each.effect in EFFECTS and each.name not in NOT_FOR_US]
IGNORED = [each for each in PAYLOADS if each not in EFFECTIVE + REFUSED]


@pytest.mark.parametrize("each", EFFECTIVE, ids=named)
async def test_a_payload_has_its_effect(stadt: Town, servers: PayloadServers, each: Payload) -> None:
    world = servers.world(stadt, each)
    prepare, verify = EFFECTS[each.effect]
    await settle_in(world)
    await prepare(world)

    sent = activity_of(world)
    assert await world.deliver(sent) == 202
    await stadt.settle()

    item = await stadt.read(arrival_of, sent)
    assert (item.last_error, item.dead_at) == (None, None)
    await verify(world)


async def at_rest(stadt: Town) -> None:
    """Let what other payloads brought be looked at: links in profiles, and polls that are over."""
    await stadt.until(LinkCheck, LinkCheck.checked_at.is_(None), LinkCheck.attempts == 0, count=0, seconds=20)
    await Agenda(stadt.app.server).round()


@pytest.mark.parametrize("each", IGNORED, ids=named)
async def test_what_is_not_acted_on_leaves_no_trace_and_says_why(
    stadt: Town, servers: PayloadServers, each: Payload, caplog: pytest.LogCaptureFixture
) -> None:
    world = servers.world(stadt, each)
    await settle_in(world)
    await at_rest(stadt)
    before = await stadt.state()

    with caplog.at_level(logging.INFO, "inbox"):
        assert await world.deliver(world.activity) == 202
        await stadt.settle()

    assert changes(before, await stadt.state(), {"inbox_items", "preview_cards"}) == {}
    item = await stadt.read(arrival_of, world.activity)
    assert item.last_error
    assert item.last_error in caplog.text
    assert (item.done_at is not None, item.dead_at) == (True, None)


@pytest.mark.parametrize("each", REFUSED, ids=named)
async def test_what_cannot_be_understood_is_refused(stadt: Town, servers: PayloadServers, each: Payload) -> None:
    world = servers.world(stadt, each)
    await settle_in(world)
    before = await stadt.state()
    assert await world.deliver(world.activity) == 400
    assert changes(before, await stadt.state()) == {}


def test_every_payload_is_in_one_of_the_three_tests() -> None:
    assert len(EFFECTIVE) + len(IGNORED) + len(REFUSED) == len(PAYLOADS)
    assert len(EFFECTIVE) > len(IGNORED)


def activity_of(world: World) -> Document:
    """Return what is posted: the payload, or what makes the town fetch it."""
    hall = f"{world.town.origin}/users/{world.username}"
    match world.payload.effect:
        case "actor":
            return world.by(world.sender, "Follow", hall)
        case "status-document":
            return world.by(world.sender, "Create", world.activity["id"])
        case _:
            return world.activity


def arrival_of(session: Session, activity: Document) -> InboxItem:
    """Return the row of an activity in the inbox; one that came without an id has one made up from its actor."""
    uri = activity.get("id") or f"{activity['actor']}#transient-%"
    return session.scalars(select(InboxItem).where(InboxItem.activity_uri.like(uri))).one()
