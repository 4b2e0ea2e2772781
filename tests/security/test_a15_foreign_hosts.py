"""A15: where a document names addresses, they lie on its own server, or they are refused or left out."""

import pytest

from activitypub.graph.statuses import find_status
from activitypub.models import Actor, Status
from tests.fediverse import Remote
from tests.security.attack import follower_of, repelled, serves
from tests.town import Town

LEFT_OUT = {
    "outbox": "outbox_uri",
    "followers": "followers_uri",
    "following": "following_uri",
    "featured": "featured_uri",
    "url": "url",
}


@pytest.mark.parametrize("property_name", ["id", "inbox", "publicKey.id", "publicKey.owner"])
async def test_an_actor_with_a_foreign_identity_is_refused(
    stadt: Town, nachbar: Remote, boese: Remote, property_name: str
) -> None:
    resident = await stadt.resident("anna")
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    document = mallory.document()
    holder, _, name = property_name.rpartition(".")
    (document[holder] if holder else document)[name] = (
        bob.document()[name] if not holder else bob.document()[holder][name]
    )
    boese.documents["/users/mallory"] = document
    await stadt.meet(bob)

    but_for = {"actors"} if property_name == "publicKey.id" else ()  # an actor without a key can be read, not heard
    async with repelled(stadt, nachbar, but_for=but_for):
        assert await stadt.deliver(mallory, mallory.activity("Follow", resident.uri)) == 401


async def test_a_foreign_address_is_left_out(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    bob = nachbar.person("bob")
    for property_name, column in LEFT_OUT.items():
        with subtests.test(property_name=property_name):
            mallory = boese.person(f"mallory-{property_name}")
            foreign = f"{bob.uri}/{property_name}"
            boese.documents[f"/users/mallory-{property_name}"] = {**mallory.document(), property_name: foreign}

            known = await stadt.meet(mallory)
            assert getattr(known, column) is None
            await serves(stadt, nachbar)


@pytest.mark.parametrize("place", ["endpoints", "top"])
async def test_a_foreign_shared_inbox_is_left_out(stadt: Town, nachbar: Remote, boese: Remote, place: str) -> None:
    mallory = boese.person("mallory")
    document = mallory.document()
    (document["endpoints"] if place == "endpoints" else document)["sharedInbox"] = f"{nachbar.origin}/inbox"
    if place == "top":
        del document["endpoints"]
    boese.documents["/users/mallory"] = document

    assert (await stadt.meet(mallory)).shared_inbox_uri is None
    await serves(stadt, nachbar)


async def test_a_note_with_a_foreign_id_or_author_is_refused(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, mallory)
    await stadt.meet(bob)

    async with repelled(stadt, nachbar, but_for={"inbox_items"}):
        foreign_id = {**mallory.note(), "id": f"{nachbar.origin}/notes/1000"}
        foreign_author = {**mallory.note(), "attributedTo": bob.uri}
        boese.documents["/foreign"] = {**foreign_author, "id": f"{boese.origin}/foreign"}
        for note in (foreign_id, foreign_author, boese.documents["/foreign"]):
            assert await stadt.deliver(mallory, mallory.activity("Create", note)) == 403
            assert await stadt.deliver(mallory, mallory.activity("Update", note)) == 403
        for kind in ("Announce", "Create"):
            await stadt.accept(mallory, mallory.activity(kind, f"{boese.origin}/foreign"))


async def test_the_page_of_a_note_lies_on_its_own_server(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    mallory = boese.person("mallory")
    await follower_of(stadt, mallory)
    for url, kept in (
        (f"{nachbar.origin}/@bob/1", False),
        ([{"type": "Link", "mediaType": "text/html", "href": f"{nachbar.origin}/@bob/1"}], False),
        (f"{boese.origin}.nachbar.test/@bob/1", False),
        (f"{boese.origin}/@mallory/1", True),
    ):
        note = mallory.note(url=url)
        await stadt.accept(mallory, mallory.create(note))
        status = await stadt.read(find_status, note["id"])
        assert status is not None
        assert (status.url is not None) is kept, url
    await serves(stadt, nachbar)


async def test_followers_of_another_open_nothing(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Addressed to the followers of somebody else, a post is for nobody but the named."""
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    await follower_of(stadt, mallory)
    await stadt.meet(bob)
    note = mallory.note(to=[bob.followers], cc=[])
    await stadt.accept(mallory, mallory.create(note))
    assert await stadt.count(Status, Status.visibility != "direct") == 0
    assert await stadt.count(Actor, Actor.uri == bob.uri) == 1
