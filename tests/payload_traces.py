"""What the payloads under tests/payloads bring: what has to be found once one has arrived."""

from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from activitypub.graph import actors
from activitypub.graph.reactions import LIKES
from activitypub.graph.remote import shown_html
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
    Tombstone,
)
from activitypub.parse import parse_activity, parse_status
from activitypub.sanitize import sanitize
from activitypub.uris import host_of
from activitypub.vocabulary import Visibility
from fediverse_kommune.services import moves
from tests.acts import loaded_status
from tests.payload_servers import World
from tests.payload_steps import first_post, hall_of, subject

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
    assert (quote.quoted_uri, quote.state) == (first_post(world), "accepted")
    await world.town.rest()
    (sent,) = world.received
    assert (sent.activity["type"], sent.activity["object"]["id"]) == ("Accept", world.activity["id"])
    assert sent.activity["result"] == quote.stamp_uri


async def follow_holds(world: World) -> None:
    assert await follows_of_the_hall(world, accepted=True) == 1


async def follow_is_over(world: World) -> None:
    assert await follows_of_the_hall(world, accepted=False) == 0


async def undone(world: World) -> None:
    uri = subject(world)
    for table in (Like, EmojiReaction, Announce, Follow):
        assert await world.town.count(table, table.uri == uri) == 0
    status = await world.town.read(loaded_status, first_post(world))
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
    hall = await world.town.read(hall_of, world.username)
    assert await world.town.count(Follow, Follow.follower_id == hall.id, Follow.followed_id == target.id) == 1


async def liked(world: World) -> None:
    like = await world.town.read(row_by_uri, Like, world.activity["id"])
    assert (like.actor.uri, like.status.uri) == (world.sender, first_post(world))
    assert like.status.likes_count == 1


async def reacted(world: World) -> None:
    """The emoji stands below the post; a thumb or a heart is a like as well, and nothing else is."""
    row = await world.town.read(row_by_uri, EmojiReaction, world.activity["id"])
    assert (row.actor.uri, row.status.uri) == (world.sender, first_post(world))
    name, _, home = row.name.partition("@")
    assert (name, row.kind) == (world.expected["reaction"], world.activity["type"])
    assert home in {"", host_of(world.sender)}
    (counted,) = row.status.reactions
    assert (counted["name"], counted["count"], bool(counted.get("url"))) == (row.name, 1, "@" in row.name)
    assert row.status.likes_count == int(row.name in LIKES)


async def announced(world: World) -> None:
    announce = await world.town.read(row_by_uri, Announce, world.activity["id"])
    assert (announce.actor.uri, announce.status.uri) == (world.sender, subject(world))
    assert announce.status.announces_count == 1
    assert announce.visibility in {Visibility.PUBLIC, Visibility.UNLISTED}


async def blocked(world: World) -> None:
    assert await world.town.count(Block, Block.uri == world.activity["id"]) == 1
    assert await follows_of_the_hall(world, accepted=False) == 0


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


async def follows_of_the_hall(world: World, *, accepted: bool) -> int:
    hall, followed = (
        await world.town.read(hall_of, world.username),
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


def row_by_uri(session: Session, table: type[Any], uri: str) -> Any:
    options = joinedload(table.actor), joinedload(table.status)
    return session.scalars(select(table).where(table.uri == uri).options(*options)).one()


def _actor_with_keys(session: Session, uri: str) -> Actor | None:
    return session.scalar(select(Actor).where(Actor.uri == uri).options(selectinload(Actor.keys)))
