"""What other servers were seen to do (docs/interoperability.md), done again by a remote: each was a fault here once."""

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from activitypub.backfill import OpenedThread, read_thread
from activitypub.models import Announce, Block, Follow, Like, StatusEdit
from inbox.models import InboxItem
from tests import acts
from tests.acts import loaded_status
from tests.client import app_of
from tests.fediverse import Person, Remote
from tests.town import Town
from webfinger.handle import parse_handle

THIS_SECOND = datetime.now(UTC).replace(microsecond=0).isoformat().replace("+00:00", "Z")


async def followed(stadt: Town, person: Person) -> None:
    anna = await stadt.resident("anna")
    follow = await stadt.write(acts.follow, anna, await stadt.meet(person))
    await stadt.accept(person, person.activity("Accept", follow.uri))


def edit(author: Person, note: dict[str, Any], content: str, *, updated: str | None = None) -> dict[str, Any]:
    """Return an Update as GoToSocial writes it: its id is the same at every edit, its time in whole seconds."""
    edited = {**note, "content": content} | ({"updated": updated} if updated else {})
    return author.activity("Update", edited, to=note["to"], cc=note["cc"]) | {"id": f"{note['id']}/activity#Update"}


async def says(stadt: Town, uri: str) -> str:
    status = await stadt.read(loaded_status, uri)
    assert status is not None
    return str(status.content)


async def test_every_edit_counts_though_all_have_one_id_and_one_second(stadt: Town, nachbar: Remote) -> None:
    ada = nachbar.person("ada")
    await followed(stadt, ada)
    note = ada.note("<p>Saturday</p>", published=THIS_SECOND)
    await stadt.accept(ada, ada.create(note))

    for content in ("<p>Sunday</p>", "<p>Monday</p>", "<p>Tuesday</p>"):
        await stadt.accept(ada, edit(ada, note, content, updated=THIS_SECOND))
        assert await says(stadt, note["id"]) == content

    begun = await stadt.read(lambda session: session.scalars(select(StatusEdit.created_at)).all())
    assert len(set(begun)) == 3


async def test_an_edit_again_has_no_second_effect(stadt: Town, nachbar: Remote) -> None:
    ada = nachbar.person("ada")
    await followed(stadt, ada)
    note = ada.note("<p>Saturday</p>", published=THIS_SECOND)
    await stadt.accept(ada, ada.create(note))
    first = edit(ada, note, "<p>Sunday</p>", updated=THIS_SECOND)
    await stadt.accept(ada, first)
    await stadt.accept(ada, edit(ada, note, "<p>Monday</p>", updated=THIS_SECOND))

    await stadt.accept(ada, first)

    assert await says(stadt, note["id"]) == "<p>Monday</p>"
    assert await stadt.count(InboxItem, InboxItem.type == "Update") == 2


async def test_an_edit_that_was_overtaken_stays_behind(stadt: Town, nachbar: Remote) -> None:
    ada = nachbar.person("ada")
    await followed(stadt, ada)
    note = ada.note("<p>Saturday</p>", published="2026-03-05T09:00:00Z")
    await stadt.accept(ada, ada.create(note))

    await stadt.accept(ada, edit(ada, note, "<p>Monday</p>", updated="2026-03-05T09:00:02Z"))
    await stadt.accept(ada, edit(ada, note, "<p>Sunday</p>", updated="2026-03-05T09:00:01Z"))
    assert await says(stadt, note["id"]) == "<p>Monday</p>"

    await stadt.accept(ada, edit(ada, note, "<p>Wednesday</p>", updated="2026-03-05T09:00:03.200Z"))
    await stadt.accept(ada, edit(ada, note, "<p>Tuesday</p>", updated="2026-03-05T09:00:03.100Z"))
    assert await says(stadt, note["id"]) == "<p>Wednesday</p>"


DOINGS = [("Follow", Follow), ("Like", Like), ("Announce", Announce), ("Block", Block)]


async def done_to(stadt: Town, kind: str) -> str:
    """Return the id of something here to which an activity of that kind can be done."""
    anna = await stadt.resident("anna")
    if kind in {"Follow", "Block"}:
        return anna.uri
    return (await stadt.write(acts.write, anna)).uri


@pytest.mark.parametrize(("kind", "table"), DOINGS)
async def test_an_undo_that_comes_last_undoes_only_what_it_names(
    stadt: Town, nachbar: Remote, kind: str, table: type[Any]
) -> None:
    """Done, undone and done again in one moment, and delivered by several workers at once."""
    ada, target = nachbar.person("ada"), await done_to(stadt, kind)
    first, second = ada.activity(kind, target), ada.activity(kind, target)

    for activity in (first, second, ada.activity("Undo", first)):
        await stadt.accept(ada, activity)
    assert await stadt.count(table, table.uri == second["id"]) == 1

    await stadt.accept(ada, ada.activity("Undo", second))
    assert await stadt.count(table) == 0


@pytest.mark.parametrize(("kind", "table"), DOINGS)
async def test_an_undo_may_name_an_id_that_never_came(
    stadt: Town, nachbar: Remote, kind: str, table: type[Any]
) -> None:
    ada, target = nachbar.person("ada"), await done_to(stadt, kind)
    await stadt.accept(ada, ada.activity(kind, target))
    assert await stadt.count(table) == 1

    await stadt.accept(ada, ada.activity("Undo", ada.activity(kind, target)))

    assert await stadt.count(table) == 0


async def test_a_handle_is_looked_up_with_two_requests(stadt: Town, nachbar: Remote) -> None:
    nachbar.person("ada")
    handle = parse_handle(f"ada@{nachbar.domain}", test_network=True)

    found = await stadt.app.server.resolver.handle(handle)

    assert found.domain == nachbar.domain
    webfinger = f"/.well-known/webfinger?resource=acct:ada@{nachbar.domain}"
    assert sorted(nachbar.requested) == [webfinger, "/users/ada"]


async def test_an_unknown_follower_costs_two_requests(stadt: Town, nachbar: Remote) -> None:
    """One for the actor, which lists its key, and one that proves its handle."""
    anna, ada = await stadt.resident("anna"), nachbar.person("ada")

    await stadt.accept(ada, ada.activity("Follow", anna.uri))
    await nachbar.until_received("Accept")

    webfinger = f"/.well-known/webfinger?resource=acct:ada@{nachbar.domain}"
    assert sorted(nachbar.requested) == [webfinger, "/users/ada"]


async def test_a_key_with_a_document_of_its_own_costs_one_more(stadt: Town, nachbar: Remote) -> None:
    """GoToSocial serves the key at a path, as a part of the actor that anybody may read."""
    anna, ada = await stadt.resident("anna"), nachbar.person("ada")
    key_id = f"{ada.uri}/main-key"
    whole = ada.document()
    whole["publicKey"] = {**whole["publicKey"], "id": key_id}
    nachbar.documents["/users/ada"] = whole
    nachbar.documents["/users/ada/main-key"] = {
        name: whole[name] for name in ("@context", "id", "type", "preferredUsername", "publicKey")
    }

    await stadt.accept(ada, ada.activity("Follow", anna.uri), key_id=key_id)
    await nachbar.until_received("Accept")

    webfinger = f"/.well-known/webfinger?resource=acct:ada@{nachbar.domain}"
    assert sorted(nachbar.requested) == [webfinger, "/users/ada", "/users/ada/main-key"]


async def test_an_entry_of_our_outbox_may_be_asked_for_by_its_id(stadt: Town) -> None:
    """microblog.pub takes but the ids from an outbox, and gives all of them up at the first that is not there."""
    anna = await stadt.resident("anna")
    await stadt.write(acts.write, anna, "<p>Von früher</p>")
    _, page = await stadt.get("/users/anna/outbox?page=true")
    (entry,) = page["orderedItems"]

    status, created = await stadt.get(entry["id"].removeprefix(stadt.origin))

    assert (status, created) == (200, {"@context": created["@context"], **entry})
    assert created["object"]["content"] == "<p>Von früher</p>"


async def test_what_an_author_adds_is_on_the_page_after_an_empty_one(stadt: Town, nachbar: Remote) -> None:
    """At the address of GoToSocial's replies are those of others alone; a post embeds an empty first page of all."""
    ada = nachbar.person("ada")
    note = ada.note("<p>Samstag</p>")
    more = ada.note("<p>Und Sonntag</p>", inReplyTo=note["id"])
    listing = f"{note['id']}/replies"
    note["replies"] = {"id": listing, "type": "Collection", "first": {"id": listing, "next": f"{listing}/all"}}
    pages: dict[str, list[str]] = {listing: [], f"{listing}/all": [more["id"]]}
    for address, entries in pages.items():
        page = {"id": address, "type": "OrderedCollectionPage", "orderedItems": entries}
        nachbar.documents[address.removeprefix(nachbar.origin)] = page
    resolver = stadt.app.server.resolver
    await resolver.status(note["id"])

    async def progress(_found: int) -> None: ...

    assert await read_thread(resolver, OpenedThread(note["id"], None, frozenset()), progress) == 1
    assert await says(stadt, more["id"]) == "<p>Und Sonntag</p>"


async def test_what_went_wrong_between_other_servers(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    """Rows that others were seen to fail at, and that no other test here names."""
    anna, amt = await app_of(stadt, "anna"), nachbar.person("amt", kind="Service")
    known = await stadt.meet(amt)
    await anna.post(f"/api/v1/accounts/{known.id}/follow")
    (asked,) = await nachbar.until_received("Follow")
    notes = [amt.note(f"<p>{number}</p>", published=THIS_SECOND) for number in range(6)]

    with subtests.test("the first post stands once at home, though it comes while the follow does, and by two ways"):
        accept, first = amt.activity("Accept", asked.activity["id"]), amt.create(notes[0])
        await asyncio.gather(
            stadt.accept(amt, accept),
            stadt.accept(amt, first),
            stadt.accept(amt, first, path="/users/anna/inbox"),
            stadt.accept(amt, amt.create(notes[0])),
        )
        await stadt.rest()
        assert [post["uri"] for post in await anna.get("/api/v1/timelines/home")] in ([notes[0]["id"]], [])
        await stadt.accept(amt, amt.create(notes[0]))

    with subtests.test("posts of one second stand in the order in which they came"):
        for note in notes[1:]:
            await stadt.accept(amt, amt.create(note))
        home = [post["uri"] for post in await anna.get("/api/v1/timelines/home")]
        assert [uri for uri in home if uri != notes[0]["id"]] == [note["id"] for note in notes[:0:-1]]
        assert home.count(notes[0]["id"]) == 1

    with subtests.test("an actor that is no person changes, too"):
        nachbar.documents["/users/amt"]["name"] = "Bürgeramt"
        await stadt.accept(amt, amt.activity("Update", nachbar.documents["/users/amt"]))
        assert (await anna.get(f"/api/v1/accounts/{known.id}"))["display_name"] == "Bürgeramt"

    with subtests.test("a 401 does not say that something is gone"):
        other = nachbar.person("andere")
        await stadt.meet(other)
        nachbar.believes = lambda request: request.method != "GET"
        await stadt.accept(other, other.activity("Delete", notes[1]["id"]))
        assert nachbar.disbelieved > 0
        assert await stadt.read(loaded_status, notes[1]["id"]) is not None
        nachbar.believes = lambda request: True

    with subtests.test("who is gone is counted no more"):
        del nachbar.documents["/users/amt"]
        await stadt.accept(amt, amt.activity("Delete", amt.uri))
        me = await anna.get("/api/v1/accounts/verify_credentials")
        assert (me["following_count"], await stadt.count(Follow)) == (0, 0)
