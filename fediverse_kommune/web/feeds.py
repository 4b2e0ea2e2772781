"""A profile as RSS 2.0, for feed readers and for town web sites that show the latest news (FEP-a5c5).

Everything is built as a tree and escaped by the serialiser; there is no CDATA to break out of (row G07).

Source: https://www.rssboard.org/rss-specification
"""

import re
from collections.abc import Sequence
from email.utils import format_datetime
from html import escape
from xml.etree import ElementTree as ET

from activitypub.documents import media_url
from activitypub.instance import LocalInstance
from activitypub.models import Actor, Media, Status
from activitypub.sanitize import plain_text
from fediverse_kommune.web.filters import display_name, excerpt, handle

FEED_TYPE = "application/rss+xml; charset=utf-8"

# What XML 1.0 cannot hold, not even escaped. https://www.w3.org/TR/xml/#charsets
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ATOM = "http://www.w3.org/2005/Atom"


def profile_feed(actor: Actor, statuses: Sequence[Status], instance: LocalInstance) -> bytes:
    """Return the feed of an actor of ours: the public posts given, newest first."""
    ET.register_namespace("atom", _ATOM)
    feed = ET.Element("rss", version="2.0")
    channel = ET.SubElement(feed, "channel")
    page = instance.profile_url(actor.username)
    _add(channel, "title", f"{display_name(actor)} ({handle(actor, instance)})")
    _add(channel, "link", page)
    _add(channel, "description", plain_text(actor.summary) or instance.name)
    ET.SubElement(channel, f"{{{_ATOM}}}link", rel="self", type="application/rss+xml", href=f"{page}.rss")
    if statuses:
        _add(channel, "lastBuildDate", format_datetime(max(row.edited_at or row.published_at for row in statuses)))
    for status in statuses:
        _add_item(channel, status, instance)
    xml: bytes = ET.tostring(feed, encoding="utf-8", xml_declaration=True)
    return xml


def _add_item(channel: ET.Element, status: Status, instance: LocalInstance) -> None:
    """Add a post. What has a content warning shows that and no more, as readers show the text unasked."""
    item = ET.SubElement(channel, "item")
    address = instance.status_url(status.actor.username, status.id)
    _add(item, "title", status.title or excerpt(status, 80))
    _add(item, "link", address)
    guid = _add(item, "guid", status.uri)
    guid.set("isPermaLink", "false")
    _add(item, "pubDate", format_datetime(status.published_at))
    _add(item, "description", status.summary or _html(status))
    for hashtag in status.hashtags:
        _add(item, "category", hashtag.name)
    if not status.sensitive and (file := _first_file(status.media)) is not None:
        # The size is not known here; 0 is what the specification's readers accept for that.
        ET.SubElement(item, "enclosure", url=media_url(instance, file[0]), length="0", type=file[1])


def _html(status: Status) -> str:
    """Return the text of a post; above that of an event stands when and where."""
    when_and_where = status.event.summary if status.event else None
    return f"<p>{escape(when_and_where)}</p>{status.content}" if when_and_where else str(status.content)


def _first_file(media: Sequence[Media]) -> tuple[str, str] | None:
    """Return key and type of the first file: RSS holds one."""
    return next(((file.storage_key, file.media_type) for file in media if file.storage_key), None)


def _add(parent: ET.Element, name: str, text: str) -> ET.Element:
    element = ET.SubElement(parent, name)
    element.text = _NO_XML.sub("", text)
    return element
