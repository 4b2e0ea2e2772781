"""G07: a feed is well-formed XML that says what was written, whatever was written; pages hold no islands of JSON."""

import pytest
from lxml import etree
from sqlalchemy import update

from activitypub.models import Actor
from activitypub.sanitize import plain_text, sanitize
from activitypub.unit import Unit
from tests import acts
from tests.client import Client
from tests.security.hostile_pages import VECTORS, printable, trapped
from tests.town import Town
from tests.webpages import page_of

BREAKOUTS = [
    "]]><script xmlns='http://www.w3.org/1999/xhtml'>alert(1)</script><![CDATA[",
    "</description></item><item><title>gefälscht</title></item>",
    "<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;",
    "<?xml-stylesheet href='https://boese.test/x.xsl'?>",
    "</script><script>alert(1)</script>",
    "\u2028\u2029\u0085 \ufeff",
    "&amp;lt;b&amp;gt; &#0; &#x1b; &nbsp;",
    "\x01\x02\x08\x0b\x0c\x1b\x1f\x7f\ufffe\uffff",
    "\U0001f3d8 \U0010ffff",
    "<![CDATA[<b>x</b>]]>",
]


async def test_g07_a_feed_says_what_was_written(stadt: Town, subtests: pytest.Subtests) -> None:
    for number, text in enumerate(BREAKOUTS):
        with subtests.test(text=text):
            await feed_says(stadt, await stadt.resident(f"anna{number}"), text)


async def feed_says(stadt: Town, anna: Actor, text: str) -> None:
    """A feed of posts with a text in every place holds that text in the places meant for it, and nothing else."""
    plain = await stadt.write(acts.write, anna, f"<p>{text}</p>", title=text, hashtags={"x": text[:200]})
    warned = await stadt.write(acts.write, anna, "<p>dahinter</p>", summary=text)

    def rename(unit: Unit) -> None:
        unit.execute(update(Actor).where(Actor.id == anna.id).values(name=text, summary=sanitize(text)))

    await stadt.write(rename)
    feed = await read(stadt, anna.username)

    items = feed.findall("channel/item")
    assert [item.findtext("link") for item in items] == [warned.url, plain.url]
    assert items[0].findtext("description") == without_controls(text)
    assert items[1].findtext("title") == without_controls(text)
    assert items[1].findtext("description") == sanitize(f"<p>{text}</p>")
    assert feed.findtext("channel/title") == f"{without_controls(text)} (@{anna.username}@{stadt.host}:{stadt.port})"
    assert "dahinter" not in etree.tostring(feed, encoding="unicode")
    assert {element.tag.rpartition("}")[2] for element in feed.iter()} <= ELEMENTS
    assert (feed.findtext("channel/description") or "") == (plain_text(sanitize(text)) or "Teststadt")


async def test_g07_a_feed_of_every_attack_runs_nothing(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    for vector in VECTORS[-20:]:
        await stadt.write(acts.write, anna, vector, title=printable(vector), summary=printable(vector))
    assert len((await read(stadt)).findall("channel/item")) == 20
    async with trapped(stadt) as trap:
        await trap.page.goto(f"{stadt.origin}/@anna")
        # A browser that shows the feed as a document: as XML, in which elements of XHTML would be alive.
        body = (await Client(stadt).ask("GET", "/@anna.rss")).text
        alive = await trap.page.evaluate(
            "xml => new DOMParser().parseFromString(xml, 'text/xml').getElementsByTagNameNS('*', 'script').length", body
        )
        assert alive == 0
        assert await trap.executions() == []


async def test_g07_pages_hold_no_data_for_scripts(stadt: Town) -> None:
    anna = await stadt.resident("anna")
    post = await stadt.write(acts.write, anna, "<p>]]></p>")
    for path in ("/", "/@anna", f"/@anna/{post.id}", "/about", "/login"):
        page = await page_of(stadt, path)
        assert page.all("script, template, noscript") == []
        assert not [name for element in page.root.iter() for name in element.attrib if name.startswith("data-")]


ELEMENTS = {"rss", "channel", "title", "link", "description", "lastBuildDate", "item", "guid", "pubDate", "category"}


async def read(stadt: Town, username: str = "anna") -> etree._Element:
    reply = await Client(stadt).ask("GET", f"/@{username}.rss")
    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/rss+xml; charset=utf-8")
    return etree.fromstring(reply.body, etree.XMLParser(resolve_entities=False, no_network=True))


def without_controls(text: str) -> str:
    """What XML can hold of a text: not the controls, and not the two that Unicode promises never to use."""
    return "".join(character for character in text if character in "\t\n\r" or " " <= character not in "\ufffe\uffff")
