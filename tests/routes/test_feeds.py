"""Feeds in RSS and Atom, of people and hashtags, and what one can be sent here to do (FEP-a5c5, FEP-3b86)."""

import pytest
from lxml import etree

from tests import acts
from tests.client import anonymous
from tests.fediverse import Remote
from tests.security.test_g07_feeds import BREAKOUTS, without_controls
from tests.town import Town
from tests.webpages import page_of

ATOM = "{http://www.w3.org/2005/Atom}"


async def test_feeds_of_people_hashtags_and_posts(stadt: Town, nachbar: Remote, subtests: pytest.Subtests) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>Kommt zum <b>#Fest</b></p>", hashtags={"fest": "Fest"})
    warned = await stadt.write(acts.write, anna, "<p>dahinter</p>", summary="Vorsicht", hashtags={"fest": "Fest"})
    visitor = anonymous(stadt)
    for path in ("/@anna.atom", "/tags/Fest.atom"):
        with subtests.test(path=path):
            reply = await visitor.ask("GET", path)
            assert reply.headers["Content-Type"] == "application/atom+xml; charset=utf-8"
            feed = etree.fromstring(reply.text.encode())
            assert feed.findtext(f"{ATOM}id") == stadt.origin + path
            assert feed.find(f"{ATOM}link[@rel='self']").get("href") == stadt.origin + path
            assert feed.findtext(f"{ATOM}updated").endswith("Z")
            entries = feed.findall(f"{ATOM}entry")
            assert [entry.findtext(f"{ATOM}id") for entry in entries] == [warned.uri, post.uri]
            assert [entry.find(f"{ATOM}link").get("href") for entry in entries] == [warned.url, post.url]
            assert entries[0].findtext(f"{ATOM}content") == "Vorsicht"
            assert entries[1].findtext(f"{ATOM}content") == "<p>Kommt zum <b>#Fest</b></p>"
            assert entries[1].find(f"{ATOM}content").get("type") == "html"
            assert entries[1].findtext(f"{ATOM}author/{ATOM}name") == "Anna"
            assert entries[1].find(f"{ATOM}category").get("term") == "Fest"
            again = {"If-None-Match": reply.headers["ETag"]}
            assert (await visitor.ask("GET", path, headers=again)).status == 304
    with subtests.test("a hashtag as RSS"):
        feed = etree.fromstring((await visitor.ask("GET", "/tags/fest.rss")).text.encode())
        assert [item.findtext("link") for item in feed.findall("channel/item")] == [warned.url, post.url]
        assert feed.findtext("channel/title") == "#fest (Teststadt)"
    with subtests.test("nothing there"):
        empty = etree.fromstring((await visitor.ask("GET", "/tags/leer.atom")).text.encode())
        assert (empty.findall(f"{ATOM}entry"), empty.findtext(f"{ATOM}author/{ATOM}name")) == ([], "#leer (Teststadt)")
        assert (await visitor.ask("GET", "/@niemand.atom")).status == 404
        assert (await visitor.ask("GET", "/tags/%20.rss")).status == 404
        assert (await visitor.ask("GET", "/@anna.json")).status == 404
    with subtests.test("whatever was written"):
        for text in BREAKOUTS:
            await stadt.write(acts.write, anna, f"<p>{text}</p>", title=text, summary=text)
        feed = etree.fromstring((await visitor.ask("GET", "/@anna.atom")).text.encode())
        said = {entry.findtext(f"{ATOM}content") for entry in feed.findall(f"{ATOM}entry")}
        assert said >= {without_controls(text) for text in BREAKOUTS}


async def test_the_feed_of_a_post_has_what_answers_it_also_from_elsewhere(stadt: Town, nachbar: Remote) -> None:
    anna, visitor = await stadt.resident("anna"), anonymous(stadt)
    post = await stadt.write(acts.write, anna, "<p>Kommt zum <b>#Fest</b></p>", hashtags={"fest": "Fest"})
    ada = nachbar.person("ada")
    note = ada.note("<p>Ja, gern</p>", inReplyTo=post.uri, url=f"{nachbar.origin}/@ada/1")
    await stadt.accept(ada, ada.create(note))
    hidden = ada.note("<p>unter uns</p>", inReplyTo=post.uri, to=[anna.uri], cc=[])
    await stadt.accept(ada, ada.create(hidden))
    path = f"/@anna/{post.id}"
    feed = etree.fromstring((await visitor.ask("GET", f"{path}.atom")).text.encode())
    entries = feed.findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id") for entry in entries] == [note["id"], post.uri]
    assert [entry.find(f"{ATOM}link").get("href") for entry in entries] == [note["url"], post.url]
    assert entries[0].findtext(f"{ATOM}author/{ATOM}uri") == ada.uri
    assert feed.findtext(f"{ATOM}title") == "Anna: Kommt zum #Fest"
    feed = etree.fromstring((await visitor.ask("GET", f"{path}.rss")).text.encode())
    assert [item.findtext("link") for item in feed.findall("channel/item")] == [note["url"], post.url]
    assert (await visitor.ask("GET", "/@anna/1.rss")).status == 404
    page = await page_of(stadt, path)
    assert page.one("link[rel=alternate][type='application/atom+xml']").get("href").endswith(f"{path}.atom")


async def test_what_one_can_be_sent_here_to_do(stadt: Town) -> None:
    await stadt.resident("anna")
    resource = f"acct:anna@{stadt.host}:{stadt.port}"
    _, document = await stadt.get(f"/.well-known/webfinger?resource={resource}", accept="application/jrd+json")
    templates = {link["rel"]: link["template"] for link in document["links"] if "template" in link}
    page = f"{stadt.origin}/authorize_interaction?uri="
    assert templates == {
        "http://ostatus.org/schema/1.0/subscribe": f"{page}{{uri}}",
        **{
            f"https://w3id.org/fep/3b86/{name}": f"{page}{{object}}"
            for name in ("Follow", "Like", "Announce", "Join", "Leave", "Object")
        },
        "https://w3id.org/fep/3b86/Create": f"{stadt.origin}/share?title={{name}}&text={{content}}&url={{attachment}}",
    }
