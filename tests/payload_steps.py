"""What the payloads under tests/payloads take for granted: the steps before one arrives."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from sqlalchemy.orm import Session

from activitypub.access import Group, part_of_policy
from activitypub.graph import actors, relationships, statuses
from activitypub.graph.calendar import EventDraft
from activitypub.graph.polls import PollDraft
from activitypub.graph.quotes import QuoteClaim, record_quote
from activitypub.graph.statuses import StatusDraft, StatusText
from activitypub.models import (
    Actor,
    Participation,
    QuoteState,
    Status,
    Taking,
)
from activitypub.properties import uri_of
from activitypub.sanitize import sanitize
from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC, STATUS_TYPES, JoinMode, Visibility, type_of
from tests.acts import loaded_status
from tests.fediverse import shared_key
from tests.payload_servers import Document, World

Step = Callable[[World], Awaitable[None]]
EARLIER = "<p>Früher stand hier dies.</p>"


async def settle_in(world: World) -> None:
    """Make the town what a payload takes for granted: a town hall with posts, which follows who is going to speak."""
    await world.town.write(_found_town_hall, world)
    await follow_speakers(world)


async def follow_speakers(world: World) -> None:
    """Let the town hall follow who is going to speak, and know who is mentioned."""
    for uri in {world.sender, world.native, *_authors(world.activity)}:
        followed = await world.town.app.server.resolver.actor(uri)
        await world.town.write(_follow, world.username, followed)
    for uri in world.expected.get("mentions", ()):
        await world.town.app.server.resolver.actor(uri)


def _authors(activity: Document) -> set[str]:
    """Return the authors of what an activity brings along: a member speaks of what is its group's."""
    written = activity.get("object")
    author = written.get("attributedTo") if isinstance(written, dict) and type_of(written) in STATUS_TYPES else None
    return {uri for each in (author if isinstance(author, list) else [author]) if (uri := uri_of(each))}


def _found_town_hall(unit: Unit, world: World) -> None:
    pem = private_pem(shared_key("resident"))
    hall = actors.create_local_actor(unit, world.username, kind="Organization", private_key_pem=pem)
    for number in (1, 2):
        status_id = world.status_id(number)
        draft = StatusDraft(
            id=status_id,
            uri=unit.instance.status_uri(hall.username, status_id),
            author=hall,
            visibility=Visibility.PUBLIC,
            text=StatusText(content=sanitize("<p>Guten Tag</p>"), poll=_asked(world)),
            published_at=unit.now,
            interaction_policy={"canQuote": part_of_policy(Group.PUBLIC)},
        )
        statuses.create_status(unit, draft)


def _asked(world: World) -> PollDraft | None:
    """Return the poll that a vote is about."""
    if world.payload.effect != "vote":
        return None
    return PollDraft([("Ja, mit Abstellraum", 0), ("Nein", 0)], multiple=False, expires_at=None)


def _follow(unit: Unit, username: str, followed: Actor) -> None:
    if not followed.is_local:
        row = relationships.follow(unit, hall_of(unit, username), followed)
        relationships.accept_follow(unit, row)


def hall_of(session: Session, username: str) -> Actor:
    hall = actors.find_by_handle(session, username, None)
    assert hall is not None
    return hall


async def nothing_more(_world: World) -> None:
    """The payload stands on its own."""


async def ask_before(world: World) -> None:
    """An Accept or Reject answers: the town hall has asked to follow, by the id that is named."""

    def ask(unit: Unit, followed_uri: str, uri: str | None) -> None:
        followed = actors.find_actor(unit, followed_uri)
        assert followed is not None
        hall = hall_of(unit, world.username)
        if row := relationships.find_follow(unit, hall.id, followed.id):
            relationships.end_follow(unit, row)
        relationships.follow(unit, hall, followed, uri=uri)

    await world.town.write(ask, world.sender, uri_of(world.activity["object"]))


async def write_before(world: World) -> None:
    """An Update, a Delete or a pin is about something that has arrived."""
    uri = subject(world)
    served = world.found(uri)
    if served is None or "content" not in served:
        served = {"id": uri, "type": "Note", "attributedTo": world.native, "to": [PUBLIC]}
    note = {**served, "content": EARLIER, "contentMap": None, "updated": None}
    world.changed[uri] = note
    addressed = {name: note[name] for name in ("to", "cc") if name in note}
    await world.accept(world.by(_author(note), "Create", note, **addressed))
    assert await world.town.count(Status, Status.uri == uri) == 1
    if world.payload.effect == "remove":
        await world.accept(world.by(world.sender, "Add", uri, target=world.activity["target"]))
    # From now on the origin says what the payload says.
    world.changed[uri] = world.activity["object"] if world.activity["type"] == "Update" else None


def _author(note: Document) -> str:
    author = note["attributedTo"]
    uri = uri_of(author[0] if isinstance(author, list) else author)
    assert uri is not None
    return uri


async def do_before(world: World) -> None:
    """An Undo takes back what has happened."""
    done = world.activity["object"]
    if isinstance(done, str):
        done = world.found(done)
    await world.accept({"actor": world.sender, **done})


async def change_before(world: World) -> None:
    """The Update of an actor only says: look again. The origin has the new profile."""
    new = world.activity["object"]
    served = world.found(new["id"])
    assert served is not None
    world.changed[new["id"]] = {**served, **new, "publicKey": served["publicKey"]}


async def quote_before(world: World) -> None:
    """A stamp is about a quote of ours, which holds."""

    def quote(unit: Unit, quoted_uri: str, stamp_uri: str) -> None:
        quoting = loaded_status(unit, first_post(world))
        author = actors.find_actor(unit, world.sender)
        assert quoting is not None
        assert author is not None
        row = record_quote(unit, quoting, QuoteClaim(quoted_uri))
        row.quoted_actor_id, row.state, row.stamp_uri = author.id, QuoteState.ACCEPTED, stamp_uri
        unit.flush()

    await world.town.write(quote, f"{world.sender}#quoted", subject(world))


async def announce_before(world: World) -> None:
    """A Join is about an event, which the town hall has announced."""

    def announce(unit: Unit) -> None:
        hall, status_id = hall_of(unit, world.username), world.status_id(3)
        event = EventDraft(starts_at=unit.now + timedelta(days=30), join_mode=JoinMode.FREE)
        draft = StatusDraft(
            id=status_id,
            uri=unit.instance.status_uri(hall.username, status_id),
            type="Event",
            author=hall,
            visibility=Visibility.PUBLIC,
            text=StatusText(content=sanitize("<p>Kommt alle</p>"), title="Fest", event=event),
            published_at=unit.now,
        )
        statuses.create_status(unit, draft)

    await world.town.write(announce)


async def join_before(world: World) -> None:
    """A Leave is about an event that the sender has joined."""
    await announce_before(world)
    await world.accept(world.by(world.sender, "Join", subject(world)))
    mine = Participation.status_id == world.status_id(3)
    assert await world.town.count(Participation, mine, Participation.state == Taking.ACCEPTED) == 1


def subject(world: World) -> str:
    """Return the id of what the payload is about."""
    named = world.activity["object"]
    uri = uri_of(named[0] if isinstance(named, list) else named)
    assert uri is not None
    return uri


def first_post(world: World) -> str:
    return f"{world.town.origin}/users/{world.username}/statuses/{world.status_id(1)}"
