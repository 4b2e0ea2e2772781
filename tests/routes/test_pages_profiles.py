"""The pages of people, clubs and offices: who they are, what they wrote, and where those from elsewhere are at home."""

import pytest

from activitypub.graph.actors import find_by_handle
from activitypub.models import Announce, DomainBlock, Severity, Status
from activitypub.unit import Unit
from activitypub.vocabulary import Visibility
from fediverse_kommune.services.accounts import Field, ProfileForm, update_profile
from fediverse_kommune.web import reading
from tests import acts
from tests.fediverse import PUBLIC, Remote
from tests.town import Town
from tests.webpages import change, page_of


async def test_a_profile_says_who_this_is(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    form = ProfileForm(
        note="Wohnt am #Lindenplatz",
        fields=[Field("Netz", "https://anna.example/über?a=1&b=2"), Field("Ort", "Nordstadt")],
    )
    await stadt.write(update_profile, anna.id, form)

    page = await page_of(stadt, "/@anna")

    assert page.one("h1").text_content() == "Anna"
    assert page.one(".profile .handle").text_content() == f"@anna@{stadt.host}:{stadt.port}"
    assert page.one(".profile-note").text_content().strip() == "Wohnt am #Lindenplatz"
    names = [element.text_content() for element in page.all("dt")]
    assert names == ["Netz", "Ort"]
    link = page.one("dd a")
    assert (link.get("href"), link.get("rel")) == (
        "https://anna.example/über?a=1&b=2",
        "me nofollow noopener noreferrer",
    )
    assert page.meta("profile:username") == [f"anna@{stadt.host}:{stadt.port}"]
    kinds = {link.get("type"): link.get("href") for link in page.all("link[rel=alternate]")}
    assert kinds == {
        "application/activity+json": anna.uri,
        "application/rss+xml": f"{stadt.origin}/@anna.rss",
        "application/atom+xml": f"{stadt.origin}/@anna.atom",
    }


async def test_a_profile_is_found_by_search_engines_only_if_it_wants_to(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    assert (await page_of(stadt, "/@anna")).meta("robots") == ["noindex"]
    await stadt.write(update_profile, anna.id, ProfileForm(indexable=True))
    assert (await page_of(stadt, "/@anna")).meta("robots") == []


async def test_a_profile_lists_what_its_actor_wrote_and_passed_on_the_pinned_first(stadt: Town) -> None:
    anna, bob = await stadt.resident("anna"), await stadt.resident("bob")
    pinned = await stadt.write(acts.write, anna, "<p>Angeheftet</p>")
    await change(stadt, Status, pinned.id, pinned_at=pinned.published_at)
    shared = await stadt.write(acts.write, bob, "<p>Von Bob</p>")
    await stadt.write(acts.write, anna, "<p>Danach</p>")
    await stadt.write(acts.write, anna, "<p>Leise</p>", visibility=Visibility.UNLISTED)
    await stadt.write(acts.announce, anna, shared.uri)

    page = await page_of(stadt, "/@anna")

    assert page.posts == ["Angeheftet", "Von Bob", "Danach"]
    assert [context.text_content() for context in page.all(".status-context")] == ["Geteilt von Anna"]


async def test_what_was_passed_on_to_few_stays_with_them(stadt: Town) -> None:
    anna, bob = await stadt.resident("anna"), await stadt.resident("bob")
    quiet = await stadt.write(acts.write, bob, "<p>Leise</p>", visibility=Visibility.UNLISTED)
    loud = await stadt.write(acts.write, bob, "<p>Laut</p>")
    for post in (quiet, loud):
        await stadt.write(acts.announce, anna, post.uri)
    assert (await page_of(stadt, "/@anna")).posts == ["Laut"]
    announce = await stadt.read(lambda session: session.query(Announce).filter_by(status_id=loud.id).one())
    await change(stadt, Announce, announce.id, visibility=Visibility.PRIVATE)
    assert (await page_of(stadt, "/@anna")).posts == []


async def test_names_are_found_however_they_are_written(stadt: Town) -> None:
    await stadt.resident("Anna")
    assert (await page_of(stadt, "/@ANNA")).one("h1").text_content() == "Anna"


async def test_the_server_itself_has_no_profile(stadt: Town) -> None:
    name = stadt.app.server.instance.actor_username
    assert await stadt.read(find_by_handle, name, None) is not None
    assert await stadt.read(reading.find_resident, name) is None


async def test_somebody_elsewhere_is_shown_the_way_to(stadt: Town, nachbar: Remote) -> None:
    bob = nachbar.person("bob")
    await stadt.meet(bob)
    page = await page_of(stadt, f"/@bob@{nachbar.host}:{nachbar.port}")
    link = page.one("main a")
    assert (link.get("href"), link.get("rel")) == (bob.uri, "nofollow noopener noreferrer")
    assert page.meta("robots") == ["noindex"]


async def test_a_visitor_makes_this_server_fetch_nothing(stadt: Town, nachbar: Remote) -> None:
    nachbar.person("bob")
    await page_of(stadt, f"/@bob@{nachbar.host}:{nachbar.port}", status=404)
    assert nachbar.requested == []
    assert stadt.looked_up == []


async def test_who_is_from_here_is_at_home_under_the_short_name(stadt: Town) -> None:
    await stadt.resident("anna")
    page = await page_of(stadt, f"/@anna@{stadt.host}:{stadt.port}", status=302)
    assert page.headers["Location"] == f"{stadt.origin}/@anna"


@pytest.mark.parametrize("severity", [Severity.SILENCE, Severity.SUSPEND])
async def test_whose_server_is_shut_out_is_not_shown_at_all(stadt: Town, nachbar: Remote, severity: Severity) -> None:
    anna, bob = await stadt.resident("anna"), nachbar.person("bob")
    post = await stadt.write(acts.write, anna, "<p>Frage</p>")
    await stadt.accept(bob, bob.create(bob.note(content="<p>Antwort</p>", to=[PUBLIC], inReplyTo=post.uri)))
    path = f"/@anna/{post.id}"
    assert (await page_of(stadt, path)).posts == ["Frage", "Antwort"]

    def shut_out(unit: Unit) -> None:
        unit.add(DomainBlock(domain=nachbar.host, severity=severity, created_at=unit.now))

    await stadt.write(shut_out)
    stadt.app.server.blocks.forget()
    assert (await page_of(stadt, path)).posts == ["Frage"]
    await page_of(stadt, f"/@bob@{nachbar.host}:{nachbar.port}", status=404)
