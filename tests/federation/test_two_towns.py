"""Two instances of this software, each in both roles: every activity arrives with its effect, and only where it may."""

from typing import Any

import pytest
from sqlalchemy import select

from activitypub.graph.actors import find_actor
from activitypub.models import Actor, Announce, Block, Follow, Like, Status, Tombstone
from activitypub.vocabulary import Visibility
from inbox.models import InboxItem
from tests import acts
from tests.acts import loaded_status
from tests.fediverse import Remote
from tests.town import Town
from tests.towns import befriended, met


async def test_a_follow_is_accepted_and_undone(nord: Town, sued: Town) -> None:
    anna, _ = await befriended(nord, sued)
    bernd_in_nord = await met(nord, "bernd", sued)

    await nord.write(acts.unfollow, anna, bernd_in_nord)
    await sued.until(Follow)
    await nord.write(acts.follow, anna, bernd_in_nord)
    await sued.until(Follow, Follow.accepted_at.is_not(None), count=2)

    followed = await sued.read(find_actor, bernd_in_nord.uri)
    assert followed is not None
    assert (followed.followers_count, followed.following_count) == (1, 1)


@pytest.mark.parametrize("accept", [True, False])
async def test_a_locked_actor_decides(nord: Town, sued: Town, accept: bool) -> None:
    anna, bernd = await nord.resident("anna"), await sued.resident("bernd", locked=True)
    await nord.write(acts.follow, anna, await met(nord, "bernd", sued))
    await sued.until(Follow, Follow.accepted_at.is_(None))

    await sued.write(acts.answer, await met(sued, "anna", nord), bernd, accept=accept)

    await nord.until(Follow, Follow.accepted_at.is_not(None), count=int(accept))
    await nord.until(Follow, count=int(accept))


@pytest.mark.parametrize("visibility", list(Visibility))
async def test_a_post_arrives_as_it_was_meant(nord: Town, sued: Town, visibility: Visibility) -> None:
    _, bernd = await befriended(nord, sued)
    anna_in_sued = await met(sued, "anna", nord)
    text: dict[str, Any] = {"summary": "Wetter", "sensitive": True, "language": "de", "hashtags": {"sturm": "Sturm"}}

    sent = await sued.write(acts.write, bernd, visibility=visibility, mentions=[anna_in_sued], **text)
    await nord.until(Status, Status.uri == sent.uri)

    status = await nord.read(loaded_status, sent.uri)
    assert status is not None
    assert (status.visibility, status.summary, status.sensitive, status.language) == (visibility, "Wetter", True, "de")
    assert [tag.name for tag in status.hashtags] == ["Sturm"]
    assert [mention.actor.uri for mention in status.mentions] == [anna_in_sued.uri]
    assert abs(status.published_at - sent.published_at).total_seconds() < 0.001


async def test_a_conversation_goes_back_and_forth(nord: Town, sued: Town) -> None:
    anna, bernd = await befriended(nord, sued)
    post = await sued.write(acts.write, bernd, "<p>Wer kommt?</p>")
    await nord.until(Status, Status.uri == post.uri)

    reply = await nord.write(
        acts.write, anna, "<p>Ich</p>", in_reply_to=post.uri, mentions=[await met(nord, "bernd", sued)]
    )
    await sued.until(Status, Status.uri == reply.uri)
    second = await sued.write(acts.write, bernd, "<p>Gut</p>", in_reply_to=reply.uri)
    await nord.until(Status, Status.uri == second.uri)

    parents = await nord.read(lambda session: session.scalars(select(Status.in_reply_to_id).order_by(Status.id)).all())
    assert parents[0] is None
    assert all(parents[1:])
    counted = await sued.read(loaded_status, post.uri)
    assert counted is not None
    assert counted.replies_count == 1


async def test_likes_and_announces_come_and_go(nord: Town, sued: Town) -> None:
    anna, bernd = await befriended(nord, sued)
    post = await sued.write(acts.write, bernd)
    await nord.until(Status, Status.uri == post.uri)

    await nord.write(acts.like, anna, post.uri)
    await nord.write(acts.announce, anna, post.uri)
    await sued.until(Status, Status.likes_count == 1, Status.announces_count == 1)

    await nord.write(acts.unlike, anna, post.uri)
    await nord.write(acts.unannounce, anna, post.uri)
    await sued.until(Status, Status.likes_count == 0, Status.announces_count == 0)
    assert await sued.count(Like) == 0
    assert await sued.count(Announce) == 0


async def test_an_edit_arrives_and_a_deletion_leaves_a_tombstone(nord: Town, sued: Town) -> None:
    _, bernd = await befriended(nord, sued)
    post = await sued.write(acts.write, bernd, "<p>Samstag</p>")
    await nord.until(Status, Status.uri == post.uri)

    await sued.write(acts.edit, post.uri, "<p>Sonntag</p>")
    await nord.until(Status, Status.edited_at.is_not(None))
    edited = await nord.read(loaded_status, post.uri)
    assert edited is not None
    assert edited.content == "<p>Sonntag</p>"

    await sued.write(acts.delete, post.uri)
    await nord.until(Status, count=0)
    assert await nord.count(Tombstone, Tombstone.uri == post.uri) == 1
    status, document = await sued.get(post.uri.removeprefix(sued.origin))
    assert (status, document["type"]) == (410, "Tombstone")


async def test_a_block_ends_the_follows_and_closes_the_door(nord: Town, sued: Town) -> None:
    anna, bernd = await befriended(nord, sued)
    anna_in_sued = await met(sued, "anna", nord)

    await sued.write(acts.block, bernd, anna_in_sued)
    await nord.until(Block)
    for place in (nord, sued):
        await place.until(Follow, count=0)

    await nord.write(acts.follow, anna, await met(nord, "bernd", sued))
    await nord.until(Follow, count=0)  # answered with a Reject
    assert await sued.count(Follow) == 0

    await sued.write(acts.unblock, bernd, anna_in_sued)
    await nord.until(Block, count=0)


async def test_a_profile_changes_and_an_actor_leaves(nord: Town, sued: Town) -> None:
    _, bernd = await befriended(nord, sued)
    post = await sued.write(acts.write, bernd)
    await nord.until(Status, Status.uri == post.uri)

    await sued.write(acts.rename, bernd.id, "Bernd Berger")
    await nord.until(Actor, Actor.name == "Bernd Berger")

    await sued.write(acts.leave, bernd.id)
    await nord.until(Actor, Actor.uri == bernd.uri, count=0)
    assert await nord.count(Status) == 0
    anna = await nord.read(find_actor, f"{nord.origin}/users/anna")
    assert anna is not None
    assert (anna.followers_count, anna.following_count) == (0, 0)


async def test_what_is_private_reaches_no_server_without_a_reader(nord: Town, sued: Town, nachbar: Remote) -> None:
    anna, bernd = await nord.resident("anna"), await sued.resident("bernd")
    await nord.write(acts.follow, anna, await met(nord, "bernd", sued))
    await sued.until(Follow, Follow.accepted_at.is_not(None))

    await sued.write(acts.write, bernd, visibility=Visibility.DIRECT)
    hidden = await nord.write(acts.write, anna, visibility=Visibility.PRIVATE)
    seen = await sued.write(acts.write, bernd, visibility=Visibility.PRIVATE)

    await nord.until(Status, Status.uri == seen.uri)
    await sued.settle()
    assert await nord.count(Status, Status.visibility == Visibility.DIRECT) == 0
    assert await sued.count(InboxItem, InboxItem.type == "Create") == 0
    status, _ = await sued.get(f"/users/bernd/statuses/{seen.id}")
    assert status == 404
    path = f"/users/anna/statuses/{hidden.id}"
    assert (await nord.get(path))[0] == 404

    # With a third server, on which somebody does follow, and somebody does not: it gets what it has a reader for.
    emil, igor = nachbar.person("emil"), nachbar.person("igor")
    follow = emil.activity("Follow", anna.uri)
    await nord.accept(emil, follow)
    told = await nord.write(acts.write, anna, visibility=Visibility.PRIVATE)
    (create,) = await nachbar.until_received("Create")
    assert create.activity["object"]["id"] == told.uri
    asked = f"/users/anna/statuses/{told.id}"
    answers = [(await nord.get(asked, headers=each.asking(told.uri)))[0] for each in (emil, igor)]
    assert answers == [200, 404]
    await nord.accept(emil, emil.activity("Undo", follow))
    await nord.write(acts.write, anna, visibility=Visibility.PRIVATE)
    await nord.rest()
    assert len([item for item in nachbar.received if item.activity["type"] == "Create"]) == 1
    assert await sued.count(InboxItem, InboxItem.type == "Create") == 0
    assert (await nord.get(asked, headers=emil.asking(told.uri)))[0] == 404
