"""What a group says that happened in it: the steps before such a payload arrives, and what it brings."""

from sqlalchemy import update

from activitypub.graph.actors import find_actor
from activitypub.graph.remote import shown_html
from activitypub.models import (
    Announce,
    Block,
    Like,
    Status,
)
from activitypub.parse import parse_status
from activitypub.properties import uri_of
from activitypub.sanitize import sanitize
from activitypub.unit import Unit
from activitypub.vocabulary import PUBLIC
from tests.acts import loaded_status
from tests.payload_servers import World
from tests.payload_steps import EARLIER, first_post
from tests.payload_traces import follows_of_the_hall, row_by_uri


async def post_before(world: World) -> None:
    """What a group says is about our first post, which is in that group, or about one of its own, which is there."""
    uri = _inner_subject(world)
    if uri == first_post(world):
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
    await world.accept(world.by(world.sender, "Announce", first_post(world), to=[PUBLIC]))
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


async def profile_before(world: World) -> None:
    """The Update of a group only says: look again. The origin has the new profile."""
    new = world.activity["object"]["object"]
    served = world.found(new["id"])
    assert served is not None
    world.changed[new["id"]] = {**served, **new, "publicKey": served["publicKey"]}


async def called_otherwise(world: World) -> None:
    group = await world.town.read(find_actor, world.sender)
    assert group is not None
    assert group.name == world.activity["object"]["object"]["name"]


async def gone_from_group(world: World) -> None:
    assert await world.town.count(Status, Status.uri == _inner_subject(world)) == 0


async def shown_no_more(world: World) -> None:
    status = await world.town.read(loaded_status, first_post(world))
    assert status is not None
    assert status.announces_count == 0


async def voted(world: World) -> None:
    like = await world.town.read(row_by_uri, Like, world.activity["object"]["id"])
    assert (like.actor.uri, like.status.uri) == (world.activity["object"]["actor"], first_post(world))


async def vote_undone(world: World) -> None:
    status = await world.town.read(loaded_status, first_post(world))
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
    assert await follows_of_the_hall(world, accepted=False) == 0
