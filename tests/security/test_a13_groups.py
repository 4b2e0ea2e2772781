"""A12, A13, I06: what a group announces is a rumour: it brings nothing foreign in and decides nothing outside of it."""

from typing import Any

import pytest
from sqlalchemy import update

from activitypub.models import Announce, Like, Status
from activitypub.unit import Unit
from tests import acts
from tests.fediverse import PUBLIC, Person, Remote
from tests.security.attack import contents, follower_of, repelled
from tests.town import Town


def by_group(group: Person, kind: str, target: Any, /, actor: str | None = None, **extra: Any) -> dict[str, Any]:
    """Return the Announce of an activity, said by a group, of a member of its server or (`actor`) of anybody."""
    inner = group.server.person("mitglied").activity(kind, target, **extra)
    return group.activity("Announce", {**inner, "actor": actor or inner["actor"]}, to=[PUBLIC])


@pytest.mark.parametrize("where", ["elsewhere", "beside"])
async def test_a_wrapper_brings_in_nothing_that_its_origin_does_not_say(
    stadt: Town, nachbar: Remote, boese: Remote, where: str
) -> None:
    group = (boese if where == "elsewhere" else nachbar).person("gruppe", kind="Group")
    bob = nachbar.person("bob")
    await follower_of(stadt, group)
    note, never = bob.note("<p>Echt</p>"), bob.note("<p>Falsch</p>")
    del nachbar.documents[never["id"].removeprefix(nachbar.origin)]

    for said in ({**note, "content": "<p>Falsch</p>"}, never):
        await stadt.accept(group, by_group(group, "Create", said, actor=bob.uri))
    await stadt.accept(group, by_group(group, "Update", {**note, "content": "<p>Falsch</p>"}, actor=bob.uri))

    assert await contents(stadt) == ["<p>Echt</p>"]
    assert await stadt.count(Announce) == 1


async def test_a_group_decides_nothing_about_what_is_not_in_it(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    group, bob = boese.person("gruppe", kind="Group"), nachbar.person("bob")
    anna = await follower_of(stadt, group)
    await follower_of(stadt, bob, "berta")
    theirs, ours = bob.note("<p>Echt</p>"), await stadt.write(acts.write, anna)
    await stadt.accept(bob, bob.create(theirs))
    liked = bob.activity("Like", ours.uri)
    await stadt.accept(bob, liked)
    await stadt.meet(boese.person("mitglied"))
    forged = {**theirs, "content": "<p>Falsch</p>", "updated": "2030-01-01T00:00:00Z"}
    lock = {"type": "Lock", "id": boese.fresh_id("lock"), "actor": group.uri, "object": theirs["id"]}
    undone = {**liked, "actor": bob.uri}
    said = [
        by_group(group, "Update", forged, actor=bob.uri),
        by_group(group, "Delete", theirs["id"], actor=bob.uri),
        by_group(group, "Delete", ours.uri, actor=anna.uri),
        by_group(group, "Like", ours.uri),
        by_group(group, "Undo", undone, actor=bob.uri),
        by_group(group, "Lock", theirs["id"]),
        by_group(group, "Undo", lock),
        by_group(group, "Block", anna.uri, target=bob.uri),
        by_group(group, "Block", anna.uri),
        group.activity("Announce", by_group(group, "Create", forged, actor=bob.uri)),
    ]
    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for each in said:
            assert await stadt.deliver(group, each) == 202


async def test_a_vote_in_a_group_is_confirmed_by_the_voter(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    group, bob = boese.person("gruppe", kind="Group"), nachbar.person("bob")
    anna = await follower_of(stadt, group)
    post = await stadt.write(acts.write, anna)
    await stadt.write(_put_into, post.uri, group.uri)
    await stadt.meet(bob)

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        for claim in (
            by_group(group, "Like", post.uri, actor=bob.uri),  # an id of the group's server
            by_group(group, "Like", post.uri, actor=anna.uri),
            group.activity("Announce", bob.activity("Like", post.uri)),  # an id at which there is nothing
            by_group(group, "Update", {**boese.person("mitglied").note(), "id": post.uri}),
        ):
            assert await stadt.deliver(group, claim) == 202

    like = bob.activity("Like", post.uri)
    nachbar.documents[like["id"].removeprefix(nachbar.origin)] = like
    await stadt.accept(group, group.activity("Announce", like))
    await stadt.accept(group, by_group(group, "Like", post.uri))
    assert await stadt.count(Like, Like.status_id == post.id) == 2


def _put_into(unit: Unit, status_uri: str, group_uri: str) -> None:
    unit.execute(update(Status).where(Status.uri == status_uri).values(audience_uri=group_uri))
