"""GET of a status of ours and its collections, as other servers read them."""

import pytest

from activitypub.vocabulary import Visibility
from tests import acts
from tests.acts import loaded_status
from tests.fediverse import Remote
from tests.town import Town


async def test_a_status_counts_its_likes_shares_and_replies_and_lists_the_public_ones(
    stadt: Town, nachbar: Remote
) -> None:
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    post = await stadt.write(acts.write, anna)
    open_reply, closed_reply = (
        bob.note(inReplyTo=post.uri, to=to, cc=[])
        for to in (["https://www.w3.org/ns/activitystreams#Public"], [anna.uri])
    )
    for activity in (
        bob.create(open_reply),
        bob.create(closed_reply),
        bob.activity("Like", post.uri),
        bob.activity("Announce", post.uri, to=["https://www.w3.org/ns/activitystreams#Public"]),
    ):
        await stadt.accept(bob, activity)

    path = f"/users/anna/statuses/{post.id}"
    assert (await stadt.get(f"{path}/likes"))[1]["totalItems"] == 1
    assert (await stadt.get(f"{path}/shares"))[1]["totalItems"] == 1
    status, replies = await stadt.get(f"{path}/replies")
    assert (status, replies["orderedItems"], replies["totalItems"]) == (200, [open_reply["id"]], 1)
    note = (await stadt.get(path))[1]
    assert [note[name]["totalItems"] for name in ("likes", "shares", "replies")] == [1, 1, 1]
    _, page = await stadt.get(note["replies"]["first"]["next"].removeprefix(stadt.origin))
    assert (page["type"], page["orderedItems"]) == ("OrderedCollectionPage", [open_reply["id"]])


async def test_nobody_learns_of_a_private_status(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await stadt.resident("anna")
    hidden = await stadt.write(acts.write, anna, visibility=Visibility.PRIVATE)
    for below in ["", "/activity", "/replies", "/likes", "/shares"]:
        with subtests.test(below=below):
            answers = [
                await stadt.get(f"/users/anna/statuses/{number}{below}") for number in (hidden.id, hidden.id + 1)
            ]

            assert answers[0] == answers[1]
            assert answers[0][0] == 404


async def test_a_follower_who_signs_may_read_what_is_for_followers(stadt: Town, nachbar: Remote) -> None:
    anna, bob, carl = await stadt.resident("anna"), nachbar.person("bob"), nachbar.person("carl")
    await stadt.accept(bob, bob.activity("Follow", anna.uri))
    hidden = await stadt.write(acts.write, anna, "<p>Nur für euch</p>", visibility=Visibility.PRIVATE)
    path = f"/users/anna/statuses/{hidden.id}"

    status, note = await stadt.get(path, headers=bob.asking(stadt.origin + path))
    assert (status, note["content"]) == (200, "<p>Nur für euch</p>")
    assert (await stadt.get(path, headers=carl.asking(stadt.origin + path)))[0] == 404


async def test_a_reply_that_came_first_is_tied_to_its_parent(stadt: Town, nachbar: Remote) -> None:
    anna, bob, carl = await stadt.resident("anna"), nachbar.person("bob"), nachbar.person("carl")
    asked = await stadt.write(acts.follow, anna, await stadt.app.server.resolver.actor(bob.uri))
    await stadt.accept(bob, bob.activity("Accept", asked.uri))
    parent = bob.note()
    nachbar.documents.pop(parent["id"].removeprefix(nachbar.origin))
    reply = carl.note(inReplyTo=parent["id"], cc=[anna.uri])

    await stadt.accept(carl, carl.create(reply))
    await stadt.accept(bob, bob.create(parent))

    stored = await stadt.read(loaded_status, reply["id"])
    above = await stadt.read(loaded_status, parent["id"])
    assert stored is not None
    assert above is not None
    assert (stored.in_reply_to_id, above.replies_count) == (above.id, 1)
