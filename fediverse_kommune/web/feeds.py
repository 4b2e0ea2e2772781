"""What actors, hashtags and conversations have, as RSS 2.0 and as Atom, for feed readers and town web sites (FEP-a5c5).

Everything is built as a tree and escaped by the serialiser; there is no CDATA to break out of (row G07).

Source: https://www.rssboard.org/rss-specification and https://www.rfc-editor.org/rfc/rfc4287
"""

import re
from collections.abc import Callable, Sequence
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from msgspec import Struct

from activitypub.documents import media_url, timestamp
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Media, Status
from activitypub.sanitize import plain_text, safe_link
from fediverse_kommune.web.filters import display_name, excerpt, handle

# What XML 1.0 cannot hold, not even escaped. https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATOM = "http://www.w3.org/2005/Atom"

ET.register_namespace("atom", _ATOM)


class Source(Struct, frozen=True):
    """Whose feed it is: what readers call it, and the page of the same posts, below whose address the feeds stand."""

    title: str
    page: str
    description: str


class Form(Struct, frozen=True):
    """A kind of feed: how it is written, and its media type."""

    write: Callable[[Source, Sequence[Status], LocalInstance], bytes]
    media_type: str


def of_actor(actor: Actor, instance: LocalInstance) -> Source:
    """Return what the feed of an actor of ours says of itself."""
    page = instance.profile_url(actor.username)
    description = plain_text(actor.summary) or instance.name
    return Source(f"{display_name(actor)} ({handle(actor, instance)})", page, description)


def of_tag(name: str, instance: LocalInstance) -> Source:
    """Return what the feed of a hashtag says of itself."""
    return Source(f"#{name} ({instance.name})", instance.tag_url(name), instance.name)


def of_conversation(status: Status, instance: LocalInstance) -> Source:
    """Return what the feed of a post and its answers says of itself."""
    page = instance.status_url(status.actor.username, status.id)
    return Source(f"{display_name(status.actor)}: {status.title or excerpt(status, 80)}", page, instance.name)


def write_rss(source: Source, statuses: Sequence[Status], instance: LocalInstance) -> bytes:
    """Return the public posts given, newest first, as RSS."""
    feed = ET.Element("rss", version="2.0")
    channel = ET.SubElement(feed, "channel")
    _add(channel, "title", source.title)
    _add(channel, "link", source.page)
    _add(channel, "description", source.description)
    ET.SubElement(channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=f"{source.page}.rss")
    if statuses:
        _add(channel, "lastBuildDate", format_datetime(max(row.edited_at or row.published_at for row in statuses)))
    for status in statuses:
        _add_item(channel, status, instance)
    return _encoded(feed)


def _add_item(channel: ET.Element, status: Status, instance: LocalInstance) -> None:
    """Add a post. What has a content warning shows that and no more, as readers show the text unasked."""
    item = ET.SubElement(channel, "item")
    _add(item, "title", status.title or excerpt(status, 80))
    _add(item, "link", _address_of(status, instance))
    guid = _add(item, "guid", status.uri)
    guid.set("isPermaLink", "false")
    _add(item, "pubDate", format_datetime(status.published_at))
    _add(item, "description", status.summary or _html(status))
    for hashtag in status.hashtags:
        _add(item, "category", hashtag.name)
    if not status.sensitive and (file := _first_file(status.media)) is not None:
        # The size is not known here; 0 is what the specification's readers accept for that.
        ET.SubElement(item, "enclosure", url=media_url(instance, file[0]), length="0", type=file[1])


def _address_of(status: Status, instance: LocalInstance) -> str:
    """Return where people read a post; of one from elsewhere that is there."""
    if status.local:
        return instance.status_url(status.actor.username, status.id)
    return safe_link(status.url or status.uri) or status.uri


def _html(status: Status) -> str:
    """Return the text of a post; above that of an event stands when and where."""
    when_and_where = status.event.summary if status.event else None
    return f"<p>{escape(when_and_where)}</p>{status.content}" if when_and_where else str(status.content)


def write_atom(source: Source, statuses: Sequence[Status], instance: LocalInstance) -> bytes:
    """Return the same as Atom."""
    feed = ET.Element(_atom("feed"))
    address = f"{source.page}.atom"
    _add(feed, _atom("id"), address)
    _add(feed, _atom("title"), source.title)
    _add(feed, _atom("subtitle"), source.description)
    ET.SubElement(feed, _atom("link"), rel="self", type="application/atom+xml", href=address)
    ET.SubElement(feed, _atom("link"), rel="alternate", type="text/html", href=source.page)
    # RFC 4287 wants a moment even where nothing has happened.
    newest = max((timestamp(row.edited_at or row.published_at) for row in statuses), default="1970-01-01T00:00:00Z")
    _add(feed, _atom("updated"), newest)
    if not statuses:
        _add(ET.SubElement(feed, _atom("author")), _atom("name"), source.title)
    for status in statuses:
        _add_entry(feed, status, instance)
    return _encoded(feed)


def _add_entry(feed: ET.Element, status: Status, instance: LocalInstance) -> None:
    entry = ET.SubElement(feed, _atom("entry"))
    _add(entry, _atom("id"), status.uri)
    _add(entry, _atom("title"), status.title or excerpt(status, 80))
    address = _address_of(status, instance)
    ET.SubElement(entry, _atom("link"), rel="alternate", type="text/html", href=address)
    _add(entry, _atom("published"), timestamp(status.published_at))
    _add(entry, _atom("updated"), timestamp(status.edited_at or status.published_at))
    author = ET.SubElement(entry, _atom("author"))
    _add(author, _atom("name"), display_name(status.actor))
    _add(author, _atom("uri"), status.actor.url or status.actor.uri)
    for hashtag in status.hashtags:
        ET.SubElement(entry, _atom("category"), term=_NO_XML.sub("", hashtag.name))
    content = _add(entry, _atom("content"), status.summary or _html(status))
    content.set("type", "text" if status.summary else "html")
    if not status.sensitive and (file := _first_file(status.media)) is not None:
        ET.SubElement(entry, _atom("link"), rel="enclosure", href=media_url(instance, file[0]), type=file[1])


FORMS = {
    "rss": Form(write_rss, "application/rss+xml; charset=utf-8"),
    "atom": Form(write_atom, "application/atom+xml; charset=utf-8"),
}
"""The kinds of feeds, by what is appended to the address of a page."""


def _atom(name: str) -> str:
    return f"{{{_ATOM}}}{name}"


def _encoded(feed: ET.Element) -> bytes:
    xml: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _first_file(media: Sequence[Media]) -> tuple[str, str] | None:
    """Return key and type of the first file: RSS holds one."""
    return next(((file.storage_key, file.media_type) for file in media if file.storage_key), None)


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NO_XML.sub("", text)
    return element
