"""GET of a status of ours and its collections, as other servers read them."""

from typing import Any

import pytest

from activitypub import paged_collections
from activitypub.models import Actor, Status
from activitypub.vocabulary import Visibility
from tests import acts
from tests.acts import loaded_status
from tests.client import statements
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town
from tests.webpages import change

FEW = 5  # the status with its parts, and its thread in one


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


PATH = "/users/anna/statuses/{}/context"


async def grown_thread(stadt: Town, anna: Actor, bert: Actor, bob: Person) -> tuple[Status, Status, list[str], str]:
    """Return what Anna and Bert wrote in a thread, what Bob answered in public, and what in private."""
    root = await stadt.write(acts.write, anna)
    answer = await stadt.write(acts.write, bert, in_reply_to=root.uri)
    below = bob.note(inReplyTo=answer.uri, to=[PUBLIC], cc=[])
    beside = bob.note(inReplyTo=root.uri, to=[PUBLIC], cc=[])
    hidden = bob.note(inReplyTo=root.uri, to=[anna.uri], cc=[])
    for note in (below, beside, hidden):
        await stadt.accept(bob, bob.create(note))
    for visibility, more in ((Visibility.PRIVATE, {}), (Visibility.UNLISTED, {"mentions": [bert]})):
        await stadt.write(acts.write, bert, in_reply_to=root.uri, visibility=visibility, **more)
    return root, answer, [below["id"], beside["id"]], hidden["id"]


async def listed(stadt: Town, path: str, **headers: Any) -> set[str]:
    return set((await stadt.get(f"{path}?page=true", **headers))[1]["orderedItems"])


async def test_a_thread_that_began_here_is_listed(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    anna, bert = await stadt.resident("anna"), await stadt.resident("bert")
    root, answer, (below, beside), hidden = await grown_thread(stadt, anna, bert, nachbar.person("bob"))
    path = PATH.format(root.id)

    with subtests.test("open answers at any depth, and no others"):
        with statements(stadt) as seen:
            _, cover = await stadt.get(path)
        assert len(seen) <= FEW
        assert (cover["type"], cover["totalItems"], cover["attributedTo"]) == (
            "OrderedCollection",
            5,
            f"{stadt.origin}/users/anna",
        )
        found = await listed(stadt, path)
        assert found >= {root.uri, answer.uri, below, beside}
        assert (len(found), hidden in found) == (5, False)

    with subtests.test("named by what is open in it"):
        for status in (root, answer):
            note = (await stadt.get(status.uri.removeprefix(stadt.origin)))[1]
            assert note["context"] == cover["id"] == stadt.origin + path

    with subtests.test("page by page, the oldest first"):
        monkeypatch.setattr(paged_collections, "PAGE", 2)
        pages, following = [], cover["first"]
        while following:
            _, page = await stadt.get(following.removeprefix(stadt.origin))
            assert (page["partOf"], len(page["orderedItems"]) <= 2) == (stadt.origin + path, True)
            pages += page["orderedItems"]
            following = page.get("next")
        assert (pages[0], set(pages), len(pages)) == (root.uri, found, 5)
        monkeypatch.undo()

    with subtests.test("it begins at its beginning"):
        assert (await stadt.get(f"/users/bert/statuses/{answer.id}/context"))[0] == 404


async def test_nobody_reads_more_of_a_thread_than_is_open(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    anna, bert = await stadt.resident("anna"), await stadt.resident("bert")
    bob, carl = nachbar.person("bob"), nachbar.person("carl")
    root, _, (below, beside), _ = await grown_thread(stadt, anna, bert, bob)
    path = PATH.format(root.id)
    found = await listed(stadt, path)

    with subtests.test("nobody elsewhere puts anything into it by calling it theirs"):
        claims = carl.note(context=stadt.origin + path, conversation=root.uri, to=[PUBLIC], cc=[anna.uri])
        await stadt.accept(carl, carl.create(claims))
        stored = await stadt.read(loaded_status, claims["id"])
        assert stored is not None
        assert stored.conversation_uri == f"{claims['id']}#thread"
        assert claims["id"] not in await listed(stadt, path)

    with subtests.test("nor more to those who may read more"):
        known = await stadt.known(bob)
        assert known is not None
        more = {"mentions": [known], "visibility": Visibility.DIRECT}
        await stadt.write(acts.write, bert, in_reply_to=root.uri, **more)
        waiting = await stadt.read(loaded_status, beside)
        assert waiting is not None
        await change(stadt, Status, waiting.id, held=True)
        signed = bob.asking(f"{stadt.origin}{path}?page=true")
        assert await listed(stadt, path, headers=signed) == found - {beside}
        await change(stadt, Status, waiting.id, held=False)

    with subtests.test("who is shut out sees nothing of it, and nothing of who shut them out"):
        known = await stadt.meet(carl)
        signed = carl.asking(f"{stadt.origin}{path}?page=true")
        await stadt.write(acts.block, bert, known)
        assert await listed(stadt, path, headers=signed) == {root.uri, below, beside}
        await stadt.write(acts.block, anna, known)
        signed = carl.asking(f"{stadt.origin}{path}?page=true")
        assert (await stadt.get(f"{path}?page=true", headers=signed))[0] == 404
        assert await listed(stadt, path) == found


async def test_nobody_learns_of_a_private_status(stadt: Town, subtests: pytest.Subtests) -> None:
    anna = await stadt.resident("anna")
    hidden = await stadt.write(acts.write, anna, visibility=Visibility.PRIVATE)
    for below in ["", "/activity", "/replies", "/context", "/likes", "/shares"]:
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
    assert (status, note["content"], "context" in note) == (200, "<p>Nur für euch</p>", False)
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
