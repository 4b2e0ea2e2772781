"""I06: what moderators of a group do counts for what is in that group, and for nothing else."""

from tests import acts
from tests.clubs import by_group
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled
from tests.town import Town


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
