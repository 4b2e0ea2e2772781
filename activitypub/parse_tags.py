"""The `tag` property: who is mentioned, which hashtags, which emoji, and links such as a quote.

Source: https://www.w3.org/TR/activitystreams-vocabulary/#dfn-tag, FEP-eb48 (hashtags), FEP-9098 (emoji),
FEP-e232 (object links)
"""

import re
from typing import Any, TypeAlias

from activitypub.caps import CAPS
from activitypub.hashtags import hashtag_key, hashtag_name
from activitypub.parse_media import picture
from activitypub.properties import Document, media_type, objects, one_line, uri_of
from activitypub.vocabulary import RemoteEmoji, RemoteMention, type_of

Tags: TypeAlias = dict[str, list[dict[str, Any]]]

SHORTCODE = re.compile(r"[A-Za-z0-9_+.-]{1,128}")
_QUOTE_RELATIONS = frozenset({"https://misskey-hub.net/ns#_misskey_quote", "http://fedibird.com/ns#quoteUri", "quote"})


def tags_by_type(document: Document) -> Tags:
    """Return the tags of a document, sorted by their type."""
    tags: Tags = {}
    for tag in objects(document, "tag"):
        tags.setdefault(type_of(tag) or "", []).append(tag)
    return tags


def read_mentions(tags: Tags) -> tuple[RemoteMention, ...]:
    """Return the mentioned actors, each once. A Mention without a URI mentions nobody."""
    found: dict[str, RemoteMention] = {}
    for tag in tags.get("Mention", ()):
        uri = uri_of(tag.get("href"))
        if uri is not None:
            found.setdefault(uri, RemoteMention(uri, one_line(tag, "name", CAPS.name_characters)))
    return tuple(found.values())


def read_hashtags(tags: Tags) -> tuple[str, ...]:
    """Return the hashtags as written, without '#', each once however it is spelled."""
    found: dict[str, str] = {}
    for tag in tags.get("Hashtag", ()):
        name = tag.get("name")
        hashtag = hashtag_name(name) if isinstance(name, str) else None
        if hashtag is not None:
            found.setdefault(hashtag_key(hashtag), hashtag)
    return tuple(found.values())


def read_emojis(tags: Tags, *, allow_http: bool) -> tuple[RemoteEmoji, ...]:
    """Return the custom emoji with their pictures, each shortcode once and without colons."""
    found: dict[str, RemoteEmoji] = {}
    for tag in tags.get("Emoji", ()):
        name = tag.get("name")
        shortcode = name.strip(":") if isinstance(name, str) else ""
        if len(found) < CAPS.emoji and shortcode not in found and SHORTCODE.fullmatch(shortcode):
            url = picture(tag, "icon", allow_http=allow_http)
            if url is not None:
                found[shortcode] = RemoteEmoji(shortcode, url)
    return tuple(found.values())


def tagged_quote(tags: Tags) -> str | None:
    """Return the status a FEP-e232 link quotes: a Link to ActivityPub data whose `rel` says so."""
    for tag in tags.get("Link", ()):
        relations = tag.get("rel")
        named = relations if isinstance(relations, list) else [relations]
        says_so = any(isinstance(each, str) and each in _QUOTE_RELATIONS for each in named[:8])
        if says_so and media_type(tag) in {"application/ld+json", "application/activity+json"}:
            return uri_of(tag.get("href"))
    return None
