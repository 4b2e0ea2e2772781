"""Fields of profiles whose pages link back. https://docs.joinmastodon.org/user/profile/#verification"""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import select, update

from activitypub.models import Actor
from activitypub.unit import Unit
from fediverse_kommune.models import LinkCheck
from fediverse_kommune.services.verification import Check, Finding, finish
from tests.client import Client, anonymous, app_of
from tests.fediverse import Remote, redirect
from tests.quotes import following
from tests.routes.test_previews import serve
from tests.town import Town
from tests.webpages import page_of

CREDENTIALS = "/api/v1/accounts/update_credentials"


def linking(*profiles: str) -> str:
    links = "".join(f'<a rel="me" href="{profile}">Profil</a>' for profile in profiles)
    return f"<html><body><h1>Anna</h1>{links}</body></html>"


def profile(stadt: Town, name: str = "anna") -> str:
    return f"{stadt.origin}/@{name}"


async def set_fields(client: Client, *values: str) -> Any:
    fields = [{"name": f"Seite {number}", "value": value} for number, value in enumerate(values)]
    return await client.patch(CREDENTIALS, json={"fields_attributes": fields})


async def verified(client: Client, account_id: str = "") -> list[str | None]:
    account = await client.get(f"/api/v1/accounts/{account_id or client.id}")
    return [field["verified_at"] for field in account["fields"]]


async def looked(stadt: Town, actor_id: str | int) -> None:
    """Wait until the links of a profile were looked at."""
    mine = LinkCheck.actor_id == int(actor_id)
    soon = stadt.app.server.clock() + timedelta(hours=1)
    await stadt.until(LinkCheck, mine, (LinkCheck.due_at.is_(None)) | (LinkCheck.due_at > soon), seconds=20)


async def due_now(stadt: Town) -> None:
    def hurry(unit: Unit) -> None:
        unit.execute(update(LinkCheck).values(due_at=unit.now))

    await stadt.write(hurry)


async def check_of(stadt: Town, client: Client) -> LinkCheck:
    return await stadt.read(lambda session: session.scalars(select(LinkCheck)).one())


async def test_a_page_that_links_back_is_verified(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mine, other = serve(nachbar, "/anna", linking(profile(stadt))), serve(nachbar, "/andere", linking())
    answer = await set_fields(anna, mine, other, "Kein Link", f"{mine} und Text")
    assert [field["verified_at"] for field in answer["fields"]] == [None] * 4
    await looked(stadt, anna.id)
    first, *others = await verified(anonymous(stadt), anna.id)
    assert first is not None
    assert others == [None] * 3
    assert nachbar.requested.count("/anna") == 1
    (field, *_) = (await anna.get("/api/v1/accounts/verify_credentials"))["source"]["fields"]
    assert (field["value"], field["verified_at"]) == (mine, first)
    assert (await check_of(stadt, anna)).due_at == pytest.approx(
        stadt.app.server.clock() + timedelta(days=7), abs=timedelta(minutes=1)
    )


async def test_it_stays_verified_only_as_long_as_the_page_links_back(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mine = serve(nachbar, "/anna", linking(profile(stadt)))
    await set_fields(anna, mine)
    await looked(stadt, anna.id)
    (since,) = await verified(anna)
    await due_now(stadt)
    await looked(stadt, anna.id)
    assert await verified(anna) == [since]
    assert nachbar.requested.count("/anna") == 2

    serve(nachbar, "/anna", linking())
    await due_now(stadt)
    await looked(stadt, anna.id)
    assert await verified(anna) == [None]
    assert (await check_of(stadt, anna)).due_at is None


async def test_a_page_that_cannot_be_reached_is_asked_again(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mine = serve(nachbar, "/anna", linking(profile(stadt)))
    await set_fields(anna, mine)
    await looked(stadt, anna.id)
    nachbar.down = True
    for attempt in range(1, 4):
        await due_now(stadt)
        await looked(stadt, anna.id)
        assert (await verified(anna))[0] is not None
        assert (await check_of(stadt, anna)).attempts == attempt
    await due_now(stadt)
    await looked(stadt, anna.id)
    assert await verified(anna) == [None]
    assert (await check_of(stadt, anna)).due_at is None


async def test_a_changed_profile_is_looked_at_again_and_one_that_holds_is_not(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mine, other = serve(nachbar, "/anna", linking(profile(stadt))), serve(nachbar, "/zwei", linking(profile(stadt)))
    await set_fields(anna, mine)
    await looked(stadt, anna.id)
    await anna.patch(CREDENTIALS, json={"display_name": "Anna A."})
    await set_fields(anna, mine, "Text")
    assert [field is None for field in await verified(anna)] == [False, True]
    assert nachbar.requested.count("/anna") == 1
    await set_fields(anna, mine, other)
    await stadt.until(LinkCheck, LinkCheck.due_at <= stadt.app.server.clock() + timedelta(hours=1), count=0, seconds=20)
    assert None not in await verified(anna)


async def test_redirects_do_not_vouch_for_anybody(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """A site that passes people on anywhere (?url=…) would otherwise seem to be everybody's."""
    anna = await app_of(stadt, "anna")
    target = serve(boese, "/anna", linking(profile(stadt)))
    nachbar.documents["/weiter"] = redirect(target)
    serve(nachbar, "/neu", linking(profile(stadt)))
    nachbar.documents["/alt"] = redirect("/neu")
    await set_fields(anna, f"{nachbar.origin}/weiter", f"{nachbar.origin}/alt")
    await looked(stadt, anna.id)
    assert [since is not None for since in await verified(anna)] == [False, True]


async def test_only_a_page_that_is_there_and_html_counts(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    html = linking(profile(stadt))
    nachbar.documents["/fehlt"] = lambda: web.Response(status=404, text=html, content_type="text/html")
    text = serve(nachbar, "/text", html, "text/plain")
    long = serve(nachbar, "/lang", " " * 1_048_576 + html)
    other = serve(nachbar, "/bert", linking(profile(stadt, "bert")))
    await set_fields(anna, f"{nachbar.origin}/fehlt", text, long, other)
    await stadt.until(LinkCheck, LinkCheck.checked_at.is_not(None), seconds=20)
    assert await verified(anna) == [None] * 4


async def test_our_own_pages_are_not_asked(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    await set_fields(anna, profile(stadt))
    assert await stadt.count(LinkCheck) == 0


async def test_what_is_in_hand_when_the_server_dies_is_looked_at_again(stadt: Town, nachbar: Remote) -> None:
    """The row is leased and not removed: what dies with it is due again."""
    anna = await app_of(stadt, "anna")
    await set_fields(anna, serve(nachbar, "/anna", linking(profile(stadt))))
    await looked(stadt, anna.id)

    def forget(unit: Unit) -> None:
        actor = unit.get_one(Actor, int(anna.id))
        actor.fields = [{**field, "verified_at": None} for field in actor.fields]
        unit.execute(update(LinkCheck).values(due_at=unit.now - timedelta(seconds=1), checked_at=None))

    await stadt.write(forget)
    await looked(stadt, anna.id)
    assert (await verified(anna))[0] is not None


async def test_a_link_that_came_while_the_others_were_looked_at_is_looked_at_next(stadt: Town) -> None:
    anna = await app_of(stadt, "anna")
    old, new = "https://alt.example/", "https://neu.example/"

    def meanwhile(unit: Unit) -> tuple[bool, list[bool]]:
        actor = unit.get_one(Actor, int(anna.id))
        actor.fields = [{"name": "Seite", "value": link, "source": link} for link in (old, new)]
        unit.add(LinkCheck(actor_id=actor.id, due_at=unit.now + timedelta(minutes=1), attempts=0))
        unit.flush()
        finish(unit, Check(actor.id, [old], []), {old: Finding.YES})
        is_due = unit.get_one(LinkCheck, actor.id).due_at == unit.now
        unit.execute(update(LinkCheck).values(due_at=None))  # nobody is to look at pages that do not exist
        return is_due, [bool(field.get("verified_at")) for field in actor.fields]

    assert await stadt.write(meanwhile) == (True, [True, False])


async def test_the_page_of_a_profile_says_what_is_its_owners(stadt: Town, nachbar: Remote) -> None:
    anna = await app_of(stadt, "anna")
    mine = serve(nachbar, "/anna", linking(profile(stadt)))
    await set_fields(anna, mine, "Text")
    await looked(stadt, anna.id)
    page = await page_of(stadt, "/@anna")
    assert page.one('head link[rel="me"]').get("href") == mine
    link = page.one("dl.fields a")
    assert (link.get("href"), link.get("rel")) == (mine, "me nofollow noopener noreferrer")
    assert page.one(".verified").text_content() == "(von dieser Seite bestätigt)"


async def test_fields_of_somebody_elsewhere_whom_somebody_here_follows(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    mine = serve(nachbar, "/seite", linking(bob.uri))
    fields = [
        {"type": "PropertyValue", "name": "Seite", "value": f'<a href="{mine}" rel="me">Seite</a>'},
        {"type": "PropertyValue", "name": "Text", "value": f'Siehe <a href="{mine}">hier</a>'},
    ]
    document = {**bob.document(), "attachment": fields}
    nachbar.documents["/users/bob"] = document
    actor = await stadt.meet(bob)
    await stadt.accept(bob, bob.activity("Update", document))
    assert await stadt.count(LinkCheck) == 0, "nobody here follows him"

    await following(stadt, anna, bob)
    await stadt.accept(bob, bob.activity("Update", document))
    await looked(stadt, actor.id)
    assert [since is not None for since in await verified(anna, str(actor.id))] == [True, False]
    await stadt.accept(bob, bob.activity("Update", {**document, "name": "Robert"}))
    assert [since is not None for since in await verified(anna, str(actor.id))] == [True, False]
    assert nachbar.requested.count("/seite") == 1


async def test_somebody_elsewhere_cannot_make_us_ask_as_often_as_they_like(stadt: Town, nachbar: Remote) -> None:
    anna, bob = await app_of(stadt, "anna"), nachbar.person("bob")
    await following(stadt, anna, bob)
    actor = await stadt.meet(bob)
    for number in range(3):
        page = serve(nachbar, f"/seite{number}", linking())
        value = f'<a href="{page}">Seite</a>'
        document = {**bob.document(), "attachment": [{"type": "PropertyValue", "name": "Seite", "value": value}]}
        nachbar.documents["/users/bob"] = document
        await stadt.accept(bob, bob.activity("Update", document))
        await looked(stadt, actor.id)
    assert [path for path in nachbar.requested if path.startswith("/seite")] == ["/seite0"]
