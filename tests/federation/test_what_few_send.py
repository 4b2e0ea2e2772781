"""What only some programs send: it is understood as its proposal has it, or has no effect and harms nothing."""

from typing import Any

import pytest

from activitypub.models import Actor, Follow, Status
from activitypub.signatures.forms import Form
from activitypub.vocabulary import AUTHENTICATED
from inbox.models import InboxItem
from tests import acts
from tests.client import Client, anonymous, app_of
from tests.fediverse import PUBLIC, Person, Remote
from tests.town import Town
from tests.towns import found

VALUEFLOWS = "https://w3id.org/valueflows/ont/vf#"


async def followed(stadt: Town, person: Person) -> tuple[Actor, Follow]:
    anna = await stadt.resident("anna")
    follow = await stadt.write(acts.follow, anna, await stadt.meet(person))
    await stadt.accept(person, person.activity("Accept", follow.uri))
    return anna, follow


async def said(stadt: Town, uri: str) -> str:
    status = await stadt.read(acts.loaded_status, uri)
    assert status is not None
    return f"{status.title or ''}|{status.content}"


async def test_what_is_said_of_follows_and_of_oneself(
    stadt: Town, nachbar: Remote, boese: Remote, subtests: pytest.Subtests
) -> None:
    ada = nachbar.person("ada")
    nachbar.documents["/users/ada"]["generator"] = {
        "type": "Application",
        "implements": [{"href": "https://datatracker.ietf.org/doc/html/rfc9421", "name": "RFC-9421"}],
    }
    _, follow = await followed(stadt, ada)

    with subtests.test("who says that it reads RFC 9421 is written to in it, without a 401 (FEP-844e)"):
        (sent,) = await nachbar.until_received("Follow")
        assert "Signature-Input" in sent.headers
        assert nachbar.disbelieved == 0
        assert stadt.app.server.resolver.ctx.forms.of(boese.domain) is Form.CAVAGE

    with subtests.test("nobody undoes the Accept of another"):
        mallory = boese.person("mallory")
        accept = ada.activity("Accept", follow.uri)
        assert await stadt.deliver(mallory, mallory.activity("Undo", accept)) == 403
        theirs = mallory.activity("Accept", follow.uri)
        await stadt.accept(mallory, mallory.activity("Undo", theirs))
        assert await stadt.count(Follow, Follow.accepted_at.is_not(None)) == 1

    with subtests.test("nobody is shown in collections elsewhere, and who asks is told so (FEP-7aa9)"):
        anna = f"{stadt.origin}/users/anna"
        wish = ada.activity("FeatureRequest", anna, instrument=f"{ada.uri}/featured/1")
        await stadt.accept(ada, wish)
        (refused,) = await nachbar.until_received("Reject")
        assert (refused.activity["object"], refused.activity["actor"]) == (wish["id"], anna)
        document = await anonymous(stadt).get("/users/anna", headers={"Accept": "application/activity+json"})
        assert document["interactionPolicy"] == {"canFeature": {"automaticApproval": [anna]}}

    with subtests.test("an Accept that is undone is as a Reject"):
        await stadt.accept(ada, ada.activity("Undo", ada.activity("Accept", follow.uri)))
        assert await stadt.count(Follow) == 0
        known = await stadt.known(ada)
        assert known is not None
        assert known.followers_count == 0


async def test_what_stands_on_the_web_or_in_a_market(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    ada = nachbar.person("ada")
    await followed(stadt, ada)
    page = f"{nachbar.origin}/2026/zeitung.html"

    async def arrived(**document: Any) -> str:
        note = ada.note(document.pop("content", ""), **document)
        await stadt.accept(ada, ada.create(note))
        return await said(stadt, note["id"])

    with subtests.test("of a text that is on the web alone: title, beginning and link (FEP-b2b8)"):
        long = {"type": "Article", "name": "Rathaus", "url": page}
        link = f'<p><a href="{page}"'
        told = await arrived(**long, summary="<p>Es wird <b>gebaut</b>.</p><script>x</script>")
        assert told.startswith(f"Rathaus|<p>Es wird <b>gebaut</b>.</p>{link}")
        assert "script" not in told
        assert await arrived(**long, summary="Es wird gebaut.", content="<p>Alles</p>") == "Rathaus|<p>Alles</p>"

    with subtests.test("the page that a post is about stands below it, once"):
        about = {"attachment": [{"type": "Link", "href": "https://zeitung.example/a?b=1&c=2"}]}
        assert (await arrived(**about, content="<p>Lesen</p>")).startswith('|<p>Lesen</p><p><a href="https://zeitung.')
        twice = '<p><a href="https://zeitung.example/a?b=1&amp;c=2">Lesen</a></p>'
        assert (await arrived(**about, content=twice)).count("zeitung.example/a") == 1

    with subtests.test("an offer can be read by everybody, and has a link (FEP-0837)"):
        intent = {"type": "Intent", "id": f"{nachbar.origin}/p#primary", "action": "transfer"}
        offer = {"type": "Proposal", "purpose": "offer", "publishes": intent, "name": "Fahrrad"}
        assert await arrived(**offer, content="<p>Blau</p>") == "Fahrrad|<p>Blau</p>"
        bare = ada.note("", type=f"{VALUEFLOWS}Proposal", purpose="request", publishes=intent)
        await stadt.accept(ada, ada.create({**bare, "type": "Proposal"}))
        assert bare["id"] in await said(stadt, bare["id"])

    with subtests.test("who answers it as in a market is heard, and nothing comes of it"):
        before = await stadt.count(Status)
        commitment = {"type": "Commitment", "satisfies": f"{nachbar.origin}/p#primary"}
        agreement = {"type": "Agreement", "stipulates": commitment}
        anna = f"{stadt.origin}/users/anna"
        for activity in (
            ada.activity("Offer", agreement, to=[anna]),
            ada.activity("Accept", nachbar.fresh_id("offer"), result=agreement, to=[anna]),
            ada.activity("Reject", nachbar.fresh_id("offer"), content="Not available", to=[anna]),
            ada.activity("Create", {**intent, "attributedTo": ada.uri}),
            ada.activity("Create", {**commitment, "id": nachbar.fresh_id("commitment")}),
            ada.activity("Warn", {"type": "Note", "id": nachbar.fresh_id("note")}),
            ada.activity("Resolve", {"type": "Flag", "id": nachbar.fresh_id("flag")}),
            {**ada.activity("View", anna), "id": None},
        ):
            await stadt.accept(ada, {name: value for name, value in activity.items() if value is not None})
        assert await stadt.count(Status) == before
        assert await stadt.count(InboxItem, InboxItem.dead_at.is_not(None)) == 0


async def test_a_thread_elsewhere_keeps_the_context_it_has(
    stadt: Town, nachbar: Remote, subtests: pytest.Subtests
) -> None:
    ada, anna = nachbar.person("ada"), await app_of(stadt, "anna")
    thread = f"{nachbar.origin}/contexts/1"
    for named, expected in (
        ({"context": thread, "conversation": "tag:nachbar.test,2026:1"}, thread),
        ({"conversation": "tag:nachbar.test,2026:1"}, None),
        ({}, None),
    ):
        with subtests.test(named=sorted(named)):
            above = await found(anna, ada.note(**named, to=[PUBLIC])["id"])
            answer = await anna.write("Ja", in_reply_to_id=above["id"])
            below = await anna.write("Und", in_reply_to_id=answer["id"])
            for post in (answer, below):
                document = await anonymous(stadt).get(
                    post["uri"].removeprefix(stadt.origin), headers={"Accept": "application/activity+json"}
                )
                assert document.get("context") == expected


async def test_who_may_find_and_who_may_read(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    ada, emil = nachbar.person("ada"), nachbar.person("emil")
    anna, bert = await app_of(stadt, "anna"), await app_of(stadt, "bert")
    nachbar.documents["/users/emil"] |= {"indexable": True, "searchableBy": [emil.uri]}
    for person in (ada, emil):
        known = await stadt.meet(person)
        await anna.post(f"/api/v1/accounts/{known.id}/follow")
        (asked,) = (each for each in await nachbar.until_received("Follow") if each.activity["object"] == person.uri)
        await stadt.accept(person, person.activity("Accept", asked.activity["id"]))
        nachbar.received.clear()

    async def arrived(author: Person, **said: Any) -> dict[str, Any]:
        note = author.note("<p>Der Kirschbaum</p>", **said)
        await stadt.accept(author, author.create(note))
        return note

    async def finds(client: Client) -> set[str]:
        return {post["uri"] for post in (await client.get("/api/v2/search?q=Kirschbaum&type=statuses"))["statuses"]}

    with subtests.test("a post says by whom it may be found, before its author does (FEP-268d)"):
        everybody = await arrived(ada, searchableBy=[PUBLIC])
        followers = await arrived(ada, searchableBy=[ada.followers])
        await arrived(ada, searchableBy=["as:Limited"])
        by_emil = await arrived(emil, searchableBy="as:Public")
        await arrived(emil)
        await arrived(emil, searchableBy=[])
        assert await finds(anna) == {everybody["id"], followers["id"], by_emil["id"]}
        assert await finds(bert) == {everybody["id"], by_emil["id"]}

    with subtests.test("who is named in it finds it only if it says so, or after doing something with it"):
        bert_uri = f"{stadt.origin}/users/bert"
        named = {"to": [PUBLIC, bert_uri], "tag": [{"type": "Mention", "href": bert_uri, "name": "@bert"}]}
        his = await arrived(ada, searchableBy=[bert_uri], **named)
        not_his = await arrived(ada, searchableBy=[ada.uri], **named)
        assert await finds(bert) == {everybody["id"], by_emil["id"], his["id"]}
        status = await stadt.read(acts.loaded_status, not_his["id"])
        assert status is not None
        await bert.post(f"/api/v1/statuses/{status.id}/favourite")
        assert not_his["id"] in await finds(bert)

    with subtests.test("it may say something else later"):
        edited = {**everybody, "searchableBy": [ada.uri]}
        await stadt.accept(ada, ada.activity("Update", edited, to=edited["to"], cc=edited["cc"]))
        assert everybody["id"] not in await finds(bert)


async def test_who_is_logged_in_may_read_more(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    ada, anna, nobody = nachbar.person("ada"), await app_of(stadt, "anna"), anonymous(stadt)
    anna_uri = f"{stadt.origin}/users/anna"

    async def arrived(**said: Any) -> str:
        note = ada.note("<p>Der Kirschbaum</p>", cc=[anna_uri], **said)
        await stadt.accept(ada, ada.create(note))
        return str(note["id"])

    with subtests.test("what is for all who say who they are is for those who are logged in (FEP-7502)"):
        uri, both = await arrived(to=[AUTHENTICATED]), await arrived(to=[AUTHENTICATED, PUBLIC])
        status = await stadt.read(acts.loaded_status, uri)
        assert status is not None
        path, listed = f"/api/v1/statuses/{status.id}", f"/api/v1/accounts/{status.actor_id}/statuses"
        bert = await app_of(stadt, "bert")
        assert (await bert.get(path))["visibility"] == "unlisted"
        assert {post["uri"] for post in await bert.get(listed)} == {uri, both}
        assert (await nobody.ask("GET", path)).status == 404
        assert [post["uri"] for post in await nobody.get(listed)] == [both]

    with subtests.test("by whom ours may be found: of all by their author, of what is not for everybody by itself"):
        as_activity = {"headers": {"Accept": "application/activity+json"}}
        assert (await nobody.get("/users/anna", **as_activity))["searchableBy"] == [anna_uri]
        for visibility, expected in (("public", None), ("unlisted", [anna_uri])):
            post = await anna.write("Birnbaum", visibility=visibility)
            document = await nobody.get(post["uri"].removeprefix(stadt.origin), **as_activity)
            assert document.get("searchableBy") == expected
