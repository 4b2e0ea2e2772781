"""What the payloads under tests/payloads take for granted, and what they bring: steps before and after they arrive.

`EFFECTS` maps each effect of expectations.toml to the step that prepares a town for it and the step that verifies it.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session, joinedload, selectinload

from activitypub.access import Group, part_of_policy
from activitypub.graph import actors, relationships, statuses
from activitypub.graph.calendar import EventDraft
from activitypub.graph.polls import PollDraft
from activitypub.graph.quotes import QuoteClaim, record_quote
from activitypub.graph.reactions import LIKES
from activitypub.graph.remote import shown_html
from activitypub.graph.statuses import StatusDraft, StatusText
from activitypub.models import (
    Actor,
    Announce,
    Block,
    EmojiReaction,
    Follow,
    Like,
    Move,
    Participation,
    PollVote,
    Quote,
    QuoteState,
    Report,
    Status,
    Taking,
    Tombstone,
)
from activitypub.parse import parse_activity, parse_status
from activitypub.properties import uri_of
from activitypub.sanitize import sanitize
from activitypub.signatures.keys import private_pem
from activitypub.unit import Unit
from activitypub.uris import host_of
from activitypub.vocabulary import PUBLIC, STATUS_TYPES, JoinMode, Visibility, type_of
from fediverse_kommune.services import moves
from tests.acts import loaded_status
from tests.fediverse import shared_key
from tests.payload_servers import Document, World

Step = Callable[[World], Awaitable[None]]
EARLIER = "<p>Früher stand hier dies.</p>"

# ------------------------------------------------------------------------------------------- before it arrives


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
        row = relationships.follow(unit, _hall(unit, username), followed)
        relationships.accept_follow(unit, row)


def _hall(session: Session, username: str) -> Actor:
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
        hall = _hall(unit, world.username)
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
        quoting = loaded_status(unit, _first_post(world))
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
        hall, status_id = _hall(unit, world.username), world.status_id(3)
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


# ----------------------------------------------------------------------------------------------- what it brings

STATUS_VALUES: Mapping[str, Callable[[Any], Any]] = {
    "type": lambda status: status.type,
    "attributed_to": lambda status: status.actor.uri,
    "url": lambda status: status.url or "",
    "in_reply_to": lambda status: status.in_reply_to_uri,
    "visibility": lambda status: status.visibility,
    "title": lambda status: status.title,
    "summary": lambda status: status.summary,
    "sensitive": lambda status: status.sensitive,
    "language": lambda status: status.language,
    "edited": lambda status: status.edited_at is not None,
    "mentions": lambda status: sorted(mention.actor.uri for mention in status.mentions if not mention.silent),
    "hashtags": lambda status: sorted(hashtag.name for hashtag in status.hashtags),
    "emojis": lambda status: [emoji["shortcode"] for emoji in status.emojis],
    "media": lambda status: len(status.media),
    "media_url": lambda status: status.media[0].remote_url,
    "conversation": lambda status: status.conversation_uri,
    "content": lambda status: str(status.content),
    "starts_at": lambda status: status.event.starts_at.isoformat(),
    "ends_at": lambda status: status.event.ends_at.isoformat(),
    "time_zone": lambda status: status.event.time_zone,
    "place": lambda status: status.event.place["name"],
    "address": lambda status: status.event.place["address"],
    "online_url": lambda status: status.event.online_url,
    "join_mode": lambda status: status.event.join_mode,
    "external_url": lambda status: status.event.external_url,
    "capacity": lambda status: status.event.capacity,
    "participants": lambda status: status.event.participants,
    "remaining": lambda status: status.event.remaining,
    "cancelled": lambda status: status.event.state == "cancelled",
    "policy": lambda status: sorted(status.interaction_policy),
    "locked": lambda status: status.locked,
    "organisers": lambda status: status.event.organisers,
    "comments": lambda status: status.event.comments,
}
ACTOR_VALUES: Mapping[str, Callable[[Actor], Any]] = {
    "type": lambda actor: actor.type,
    "username": lambda actor: actor.username,
    "name": lambda actor: actor.name,
    "fields": lambda actor: len(actor.fields),
    "keys": lambda actor: len(actor.keys),
    "key_ids": lambda actor: [key.uri for key in actor.keys],
    "locked": lambda actor: actor.manually_approves_followers,
    "discoverable": lambda actor: actor.discoverable,
    "webfinger": lambda actor: f"{actor.username}@{actor.domain}",
    "shared_inbox": lambda actor: actor.shared_inbox_uri,
    "avatar": lambda actor: actor.avatar_url,
    "emojis": lambda actor: [emoji["shortcode"] for emoji in actor.emojis],
    "also_known_as": lambda actor: len(actor.also_known_as),
}
# What is read (tests/unit/activitypub/test_parse_payloads.py) and has no column of its own.
READ_ONLY = frozenset(
    {"poll", "tallies", "multiple", "voters", "closed", "quote", "audience", "link", "excerpt", "moderators"}
)
ABOUT_THE_ACTIVITY = frozenset(
    {"effect", "object", "objects", "target", "undone", "inner", "activity_content", "reaction"}
)


def subject(world: World) -> str:
    """Return the id of what the payload is about."""
    named = world.activity["object"]
    uri = uri_of(named[0] if isinstance(named, list) else named)
    assert uri is not None
    return uri


async def status_is_there(world: World) -> None:
    uri = world.activity["id"] if world.payload.effect == "status-document" else subject(world)
    status = await world.town.read(loaded_status, uri)
    assert status is not None
    assert_values(world, STATUS_VALUES, status)
    document = (
        world.activity if world.payload.effect == "status-document" else parse_activity(world.activity).object.document
    )
    assert document is not None
    assert status.content == sanitize(shown_html(parse_status(document, allow_http=True)))


def assert_values(world: World, values: Mapping[str, Callable[[Any], Any]], row: Any) -> None:
    """Hold a row to what is expected of it; a key that nobody knows is an error."""
    expected: dict[str, Any] = {
        key: sorted(value) if key in {"mentions", "hashtags"} else value
        for key, value in world.expected.items()
        if key not in READ_ONLY | ABOUT_THE_ACTIVITY
    }
    if "content" in expected:
        expected["content"] = str(sanitize(expected["content"]))
    assert {key: values[key](row) for key in expected} == expected


async def status_is_gone(world: World) -> None:
    uri = subject(world)
    assert await world.town.count(Status, Status.uri == uri) == 0
    assert await world.town.count(Tombstone, Tombstone.uri == uri) == 1


async def actor_is_there(world: World) -> None:
    actor = await world.town.read(_actor_with_keys, world.sender)
    assert actor is not None
    assert_values(world, ACTOR_VALUES, actor)


async def actor_is_gone(world: World) -> None:
    assert await world.town.count(Actor, Actor.uri == world.sender) == 0
    assert await world.town.count(Tombstone, Tombstone.uri == world.sender) == 1


async def hall_is_followed(world: World) -> None:
    follow = await world.town.read(_follow_by, world.activity["id"])
    assert follow is not None
    assert (follow.follower.uri, follow.followed.username) == (world.sender, world.username)
    assert follow.accepted_at is not None
    await world.town.rest()
    (sent,) = world.received
    assert sent.inbox == follow.follower.inbox_uri
    assert (sent.activity["type"], sent.activity["object"]["id"]) == ("Accept", world.activity["id"])


async def hall_is_quoted(world: World) -> None:
    quote = await world.town.read(_quote_asked_for, world.activity["id"])
    assert (quote.quoted_uri, quote.state) == (_first_post(world), "accepted")
    await world.town.rest()
    (sent,) = world.received
    assert (sent.activity["type"], sent.activity["object"]["id"]) == ("Accept", world.activity["id"])
    assert sent.activity["result"] == quote.stamp_uri


async def follow_holds(world: World) -> None:
    assert await _follows_of_the_hall(world, accepted=True) == 1


async def follow_is_over(world: World) -> None:
    assert await _follows_of_the_hall(world, accepted=False) == 0


async def undone(world: World) -> None:
    uri = subject(world)
    for table in (Like, EmojiReaction, Announce, Follow):
        assert await world.town.count(table, table.uri == uri) == 0
    status = await world.town.read(loaded_status, _first_post(world))
    assert status is not None
    assert (status.likes_count, status.announces_count, status.reactions) == (0, 0, [])


async def quoted_no_more(world: World) -> None:
    mine = Quote.status_id == world.status_id(1)
    assert await world.town.count(Quote, mine, Quote.state == QuoteState.REVOKED, Quote.stamp_uri.is_(None)) == 1


async def chosen(world: World) -> None:
    by_note = world.activity["type"] == "Create"
    vote = PollVote.uri == (subject(world) if by_note else world.activity["id"])
    assert await world.town.count(PollVote, vote, PollVote.status_id == world.status_id(1), PollVote.choice == 0) == 1


async def moved(world: World) -> None:
    """Who follows goes along; that is done in the background, and here at once."""
    origin = await world.town.read(actors.find_actor, world.sender)
    target = await world.town.read(actors.find_actor, world.activity["target"])
    assert origin is not None
    assert target is not None
    assert origin.moved_to_uri == target.uri
    await world.town.write(moves.go_along, origin.id)
    await world.town.rest()
    assert await world.town.count(Move, Move.origin_id == origin.id, Move.after_id.is_(None)) == 1
    hall = await world.town.read(_hall, world.username)
    assert await world.town.count(Follow, Follow.follower_id == hall.id, Follow.followed_id == target.id) == 1


async def liked(world: World) -> None:
    like = await world.town.read(_row_by_uri, Like, world.activity["id"])
    assert (like.actor.uri, like.status.uri) == (world.sender, _first_post(world))
    assert like.status.likes_count == 1


async def reacted(world: World) -> None:
    """The emoji stands below the post; a thumb or a heart is a like as well, and nothing else is."""
    row = await world.town.read(_row_by_uri, EmojiReaction, world.activity["id"])
    assert (row.actor.uri, row.status.uri) == (world.sender, _first_post(world))
    name, _, home = row.name.partition("@")
    assert (name, row.kind) == (world.expected["reaction"], world.activity["type"])
    assert home in {"", host_of(world.sender)}
    (counted,) = row.status.reactions
    assert (counted["name"], counted["count"], bool(counted.get("url"))) == (row.name, 1, "@" in row.name)
    assert row.status.likes_count == int(row.name in LIKES)


async def announced(world: World) -> None:
    announce = await world.town.read(_row_by_uri, Announce, world.activity["id"])
    assert (announce.actor.uri, announce.status.uri) == (world.sender, subject(world))
    assert announce.status.announces_count == 1
    assert announce.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}


async def blocked(world: World) -> None:
    assert await world.town.count(Block, Block.uri == world.activity["id"]) == 1
    assert await _follows_of_the_hall(world, accepted=False) == 0


async def pinned(world: World) -> None:
    pinned = world.payload.effect == "add"
    uri = subject(world)
    assert await world.town.count(Status, Status.uri == uri, Status.pinned_at.is_not(None)) == int(pinned)


async def reported(world: World) -> None:
    report = await world.town.read(_report_by, world.activity["id"])
    assert report is not None
    assert (report.actor.uri, report.target.username) == (world.sender, world.username)
    said = world.activity.get("content") or world.activity["summary"]
    assert report.comment in said.replace("\n", " ")
    assert report.comment


async def joined(world: World) -> None:
    row = await world.town.read(_participation_by, world.activity["id"])
    assert (row.actor.uri, row.state) == (world.sender, "accepted")
    assert row.message == world.activity.get("participationMessage", "")
    await world.town.rest()
    (sent,) = world.received
    assert (sent.activity["type"], sent.activity["object"]["id"]) == ("Accept", world.activity["id"])


async def left(world: World) -> None:
    assert await world.town.count(Participation, Participation.status_id == world.status_id(3)) == 0


def _participation_by(session: Session, uri: str) -> Participation:
    query = select(Participation).where(Participation.uri == uri).options(joinedload(Participation.actor))
    return session.scalars(query).one()


def _report_by(session: Session, uri: str) -> Report | None:
    options = joinedload(Report.actor), joinedload(Report.target)
    return session.scalar(select(Report).where(Report.uri == uri).options(*options))


def _first_post(world: World) -> str:
    return f"{world.town.origin}/users/{world.username}/statuses/{world.status_id(1)}"


async def _follows_of_the_hall(world: World, *, accepted: bool) -> int:
    hall, followed = (
        await world.town.read(_hall, world.username),
        await world.town.read(actors.find_actor, world.sender),
    )
    assert followed is not None
    holds = [Follow.accepted_at.is_not(None)] if accepted else []
    return await world.town.count(Follow, Follow.follower_id == hall.id, Follow.followed_id == followed.id, *holds)


def _follow_by(session: Session, uri: str) -> Follow | None:
    options = joinedload(Follow.follower), joinedload(Follow.followed)
    return session.scalar(select(Follow).where(Follow.uri == uri).options(*options))


def _quote_asked_for(session: Session, request_uri: str) -> Quote:
    return session.scalars(select(Quote).where(Quote.request_uri == request_uri)).one()


def _row_by_uri(session: Session, table: type[Any], uri: str) -> Any:
    options = joinedload(table.actor), joinedload(table.status)
    return session.scalars(select(table).where(table.uri == uri).options(*options)).one()


def _actor_with_keys(session: Session, uri: str) -> Actor | None:
    return session.scalar(select(Actor).where(Actor.uri == uri).options(selectinload(Actor.keys)))


# ------------------------------------------------------------------------- what a group says that happened in it


async def post_before(world: World) -> None:
    """What a group says is about our first post, which is in that group, or about one of its own, which is there."""
    uri = _inner_subject(world)
    if uri == _first_post(world):
        await world.town.write(_put_into, uri, world.sender)
        return
    served = world.found(uri) or {"id": uri, "type": "Note", "attributedTo": world.native, "to": [PUBLIC]}
    world.changed[uri] = {**served, "content": EARLIER, "updated": None, "audience": world.sender}
    await world.accept(world.by(world.sender, "Announce", uri, to=[PUBLIC]))
    assert await world.town.count(Status, Status.uri == uri, Status.audience_uri == world.sender) == 1
    inner = world.activity["object"]
    world.changed[uri] = inner["object"] if inner["type"] == "Update" else None


def _put_into(unit: Unit, status_uri: str, group_uri: str) -> None:
    unit.execute(update(Status).where(Status.uri == status_uri).values(audience_uri=group_uri))


async def shown_before(world: World) -> None:
    """The group shows our first post."""
    await post_before(world)
    await world.accept(world.by(world.sender, "Announce", _first_post(world), to=[PUBLIC]))
    assert await world.town.count(Announce) >= 1


async def voted_before(world: World) -> None:
    """Somebody has voted for it, as the group has said."""
    await post_before(world)
    await world.accept(world.by(world.sender, "Announce", world.activity["object"]["object"]))
    assert await world.town.count(Like, Like.uri == world.activity["object"]["object"]["id"]) == 1


async def locked_before(world: World) -> None:
    """The group has locked a thread of its own."""
    await post_before(world)
    await world.accept(world.by(world.sender, "Announce", world.activity["object"]["object"]))
    assert await _is_locked(world)


def _inner_subject(world: World) -> str:
    """Return what the activity that is announced is about in the end."""
    inner = world.activity["object"]
    while isinstance(inner.get("object"), dict) and inner["type"] == "Undo":
        inner = inner["object"]
    uri = uri_of(inner["object"])
    assert uri is not None
    return uri


async def in_group(world: World) -> None:
    """A thread is shown by the group that announces it; an answer is only there."""
    uri = _inner_subject(world)
    status = await world.town.read(loaded_status, uri)
    assert status is not None
    shown = await world.town.count(Announce, Announce.uri == world.activity["id"], Announce.status_id == status.id)
    assert shown == (0 if status.in_reply_to_uri else 1)


async def edited_in_group(world: World) -> None:
    status = await world.town.read(loaded_status, _inner_subject(world))
    assert status is not None
    said = parse_status(world.activity["object"]["object"], allow_http=True)
    assert (status.title, status.content) == (said.title, sanitize(shown_html(said)))


async def gone_from_group(world: World) -> None:
    assert await world.town.count(Status, Status.uri == _inner_subject(world)) == 0


async def shown_no_more(world: World) -> None:
    status = await world.town.read(loaded_status, _first_post(world))
    assert status is not None
    assert status.announces_count == 0


async def voted(world: World) -> None:
    like = await world.town.read(_row_by_uri, Like, world.activity["object"]["id"])
    assert (like.actor.uri, like.status.uri) == (world.activity["object"]["actor"], _first_post(world))


async def vote_undone(world: World) -> None:
    status = await world.town.read(loaded_status, _first_post(world))
    assert status is not None
    assert status.likes_count == 0


async def _is_locked(world: World) -> bool:
    return await world.town.count(Status, Status.uri == _inner_subject(world), Status.locked) == 1


async def locked(world: World) -> None:
    assert await _is_locked(world)


async def unlocked(world: World) -> None:
    assert not await _is_locked(world)


async def kept_out(world: World) -> None:
    assert await world.town.count(Block, Block.uri == world.activity["id"]) == 1
    assert await _follows_of_the_hall(world, accepted=False) == 0


EFFECTS: Mapping[str, tuple[Step, Step]] = {
    "actor": (nothing_more, actor_is_there),
    "status-document": (nothing_more, status_is_there),
    "status": (nothing_more, status_is_there),
    "invite": (nothing_more, status_is_there),
    "join": (announce_before, joined),
    "leave": (join_before, left),
    "update": (write_before, status_is_there),
    "delete": (write_before, status_is_gone),
    "update-actor": (change_before, actor_is_there),
    "delete-actor": (nothing_more, actor_is_gone),
    "follow": (nothing_more, hall_is_followed),
    "quote-request": (nothing_more, hall_is_quoted),
    "accept": (ask_before, follow_holds),
    "reject": (ask_before, follow_is_over),
    "undo": (do_before, undone),
    "vote": (nothing_more, chosen),
    "move": (nothing_more, moved),
    "revoke": (quote_before, quoted_no_more),
    "like": (nothing_more, liked),
    "react": (nothing_more, reacted),
    "announce": (nothing_more, announced),
    "announced-create": (nothing_more, in_group),
    "announced-update": (post_before, edited_in_group),
    "announced-delete": (post_before, gone_from_group),
    "announced-removal": (shown_before, shown_no_more),
    "announced-like": (post_before, voted),
    "announced-undo-like": (voted_before, vote_undone),
    "announced-lock": (post_before, locked),
    "announced-unlock": (locked_before, unlocked),
    "announced-block": (nothing_more, kept_out),
    "block": (nothing_more, blocked),
    "flag": (nothing_more, reported),
    "add": (write_before, pinned),
    "remove": (write_before, pinned),
}
