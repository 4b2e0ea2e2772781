"""A12, A13: what a group announces is a rumour. It brings nothing in that its origin does not say, and no votes."""

import pytest
from sqlalchemy import update

from activitypub.models import Announce, Like, Status
from activitypub.unit import Unit
from tests import acts
from tests.clubs import by_group
from tests.fediverse import Remote
from tests.security.attack import contents, follower_of, repelled
from tests.town import Town


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
