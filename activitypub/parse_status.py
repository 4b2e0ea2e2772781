"""Statuses: Note, Question, Article, Page, Event, Image, Audio, Video, Document → `RemoteStatus`.

Source: https://www.w3.org/TR/activitystreams-vocabulary/#object-types,
https://docs.joinmastodon.org/spec/activitypub/#payloads
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from activitypub.caps import CAPS
from activitypub.parse_event import read_event
from activitypub.parse_media import attached_link, read_media
from activitypub.parse_policy import read_policy
from activitypub.parse_tags import Tags, read_emojis, read_hashtags, read_mentions, tagged_quote, tags_by_type
from activitypub.properties import (
    Document,
    Unreadable,
    count,
    embedded,
    flag,
    html_from_text,
    instant,
    is_on_origin_of,
    items,
    language,
    language_map,
    media_type,
    objects,
    one_line,
    one_uri,
    recipients,
    searchable_by,
    text,
    uri_of,
    web_url,
)
from activitypub.vocabulary import STATUS_TYPES, Activity, RemotePoll, RemoteStatus, type_of

CONTENT_CHARACTERS = 200_000
_DISABLED = 2  # in the commentsPolicy of PeerTube: 1 is open to all, 3 asks the channel first
_CONVERSATION_CHARACTERS = 2_048
_SAME_MOMENT = timedelta(seconds=1)
# PeerTube allows 10,000; as HTML the text may be a dozen times as long.
_PLAIN_CHARACTERS = 12_000
_PLAIN = frozenset({"text/plain", "text/markdown"})


def parse_status(document: Document, *, allow_http: bool = False, envelope: Activity | None = None) -> RemoteStatus:
    """Read a status. `allow_http` is for a local test fediverse only.

    `envelope` is the Create or Update it came in: its addressing stands in where the object has none of its
    own (ActivityPub 6.2 wants both equal, not everyone does it). A status without any addressing is for
    nobody else.

    Raises `Unreadable` if the type is no status, the id or the author is missing or no https URI, or if the
    two have different origins, which cannot be true (row A15).
    """
    kind = _kind(document)
    uri = _own_uri(document, allow_http=allow_http)
    author = _author(document, kind, uri)
    content, content_map, spoken = _content(document)
    warning, excerpt = _summary(document, kind)
    link, preview = attached_link(document, allow_http=allow_http)
    published = instant(document, "published")
    tags = tags_by_type(document)
    to, cc = recipients(document, "to"), recipients(document, "cc")
    if envelope is not None and not to and not cc:
        to, cc = envelope.to, envelope.cc
    return RemoteStatus(
        uri=uri,
        type=kind,
        attributed_to=author,
        url=_page(document, author, allow_http=allow_http),
        in_reply_to=one_uri(document, "inReplyTo"),
        title=one_line(document, "name", CAPS.name_characters) or None,
        content=content,
        content_map=content_map,
        summary=warning,
        sensitive=flag(document, "sensitive"),
        language=spoken,
        published=published,
        updated=_edited(document, published, envelope),
        to=to,
        cc=cc,
        mentions=read_mentions(tags),
        hashtags=read_hashtags(tags),
        emojis=read_emojis(tags, allow_http=allow_http),
        media=read_media(document, allow_http=allow_http),
        poll=_poll(document) if kind == "Question" else None,
        conversation=_conversation(document),
        replies=_replies(document, author),
        audience=one_uri(document, "audience") or _group_in_attribution(document),
        locked=kind != "Event" and _takes_no_answers(document),
        quote=_quote(document, tags),
        quote_stamp=one_uri(document, "quoteAuthorization"),
        policy=read_policy(document),
        link=link or _foreign_page(document, kind, author, allow_http=allow_http),
        preview=preview if link is not None and is_on_origin_of(link, author) else None,
        excerpt=excerpt,
        searchable_by=searchable_by(document, author),
        event=read_event(document, allow_http=allow_http) if kind == "Event" else None,
    )


def _kind(document: Document) -> str:
    kind = type_of(document)
    if kind not in STATUS_TYPES:
        raise Unreadable(f"An object of type {str(kind)[:64]} is no status.")
    return kind


def _takes_no_answers(document: Document) -> bool:
    """True if nobody may answer, as PieFed, Pixelfed and PeerTube say it, PeerTube since 6.2, and Hubzilla.

    Mobilizon says `commentsEnabled` of events with comments that are read first, too: what an event takes, it says
    itself.
    """
    policy = document.get("commentsPolicy"), document.get("commentPolicy")
    return document.get("commentsEnabled") is False or policy[0] == _DISABLED or policy[1] == "self"


def _own_uri(document: Document, *, allow_http: bool) -> str:
    value = document.get("id")
    uri = web_url(value, allow_http=allow_http) if isinstance(value, str) else None
    if uri is None:
        raise Unreadable("The status has no id that is an https URI.")
    return uri


def _author(document: Document, kind: str, uri: str) -> str:
    """Return the one to whom the status is attributed.

    PeerTube attributes a Video to a Person and to the Group that is its channel, so a Group is the author
    only where there is nobody else. Pleroma's ChatMessage and old posts of Hubzilla have `actor` instead.
    """
    named = items(document, "attributedTo") or items(document, "actor")
    people = [each for each in named if not (isinstance(each, dict) and type_of(each) == "Group")]
    author = next((found for each in people + named if (found := uri_of(each))), None)
    if author is None:
        raise Unreadable(f"The {kind} is attributed to nobody.")
    if not is_on_origin_of(uri, author):
        raise Unreadable(f"The {kind} and the actor it is attributed to have different origins.")
    return author


def _group_in_attribution(document: Document) -> str | None:
    """Return the channel a PeerTube Video is attributed to beside its author."""
    named = items(document, "attributedTo")
    groups = (each for each in named if isinstance(each, dict) and type_of(each) == "Group")
    return next(map(uri_of, groups), None) if len(named) > 1 else None


def _page(document: Document, author: str, *, allow_http: bool) -> str | None:
    """Return the web page of the status: of several the HTML one, and only on the same origin (row A15)."""
    candidates: list[object] = []
    for value in items(document, "url"):
        if isinstance(value, dict):
            page = media_type(value) in {"text/html", ""}
            candidates = [value.get("href"), *candidates] if page else candidates
        else:
            candidates.append(value)
    for value in candidates:
        url = web_url(value, allow_http=allow_http) if isinstance(value, str) else None
        if url is not None and is_on_origin_of(url, author):
            return url
    return None


def _foreign_page(document: Document, kind: str, author: str, *, allow_http: bool) -> str | None:
    """Return the page a Page is about: Friendica names it in `url`, where others name the Page itself."""
    value = document.get("url")
    if kind != "Page" or not isinstance(value, str):
        return None
    url = web_url(value, allow_http=allow_http)
    return url if url is not None and not is_on_origin_of(url, author) else None


def _summary(document: Document, kind: str) -> tuple[str, str]:
    """Return the content warning and the excerpt; `summary` is one or the other.

    Of a Note it is the warning. Of what has a title it is an excerpt, as FEP-b2b8 has it, unless the status
    is sensitive (BookWyrm's reviews); WordPress then names the warning in `dcterms:subject`.
    """
    summary = one_line(document, "summary", CAPS.bio_characters)
    if kind in {"Note", "Question"}:
        return summary, ""
    warning = one_line(document, "dcterms:subject", CAPS.bio_characters)
    if warning or not flag(document, "sensitive"):
        return warning, summary
    return summary, ""


def _content(document: Document) -> tuple[str, Mapping[str, str], str | None]:
    """Return content (HTML), content by language, and the language of the content."""
    by_language = language_map(document, "contentMap", CONTENT_CHARACTERS)
    content = text(document, "content", CONTENT_CHARACTERS)
    if media_type(document) in _PLAIN:
        # PeerTube writes Markdown into `content` and says so in `mediaType`.
        by_language = {tag: _from_plain(plain) for tag, plain in by_language.items()}
        content = _from_plain(content)
    if not content:
        source = embedded(document, "source")
        if media_type(source) in _PLAIN:
            content = _from_plain(text(source, "content", _PLAIN_CHARACTERS))
    return content, by_language, _language(document, content, by_language)


def _from_plain(plain: str) -> str:
    return html_from_text(plain[:_PLAIN_CHARACTERS])


def _language(document: Document, content: str, by_language: Mapping[str, str]) -> str | None:
    if len(by_language) == 1:
        return next(iter(by_language))
    for tag, version in by_language.items():
        if version == content:
            return tag
    # PeerTube and Lemmy: {"identifier": "de", "name": "Deutsch"}; others put the tag itself there.
    value = document.get("language") or document.get("inLanguage")
    return language(value.get("identifier") if isinstance(value, dict) else value)


def _edited(document: Document, published: datetime | None, envelope: Activity | None) -> datetime | None:
    """Return when the status was edited. An Update is an edit by its own word, however soon it comes."""
    updated = instant(document, "updated")
    if updated is None or (envelope is not None and envelope.type == "Update"):
        return updated
    # WordPress and Mobilizon always send `updated`, and PeerTube some milliseconds after `published`.
    return updated if published is None or updated - published >= _SAME_MOMENT else None


def _conversation(document: Document) -> str | None:
    """Return the id of the thread: FEP-7888's `context`, FEP-76ea's `thread`, or `conversation`, maybe a tag: URI."""
    context = one_uri(document, "context") or one_uri(document, "thread")
    return context or text(document, "conversation", _CONVERSATION_CHARACTERS) or None


def _replies(document: Document, author: str) -> str | None:
    """Return the collection of replies; on another origin it would be somebody else's (row A15).

    PieFed lists the answers themselves. GoToSocial embeds an empty first page: what follows it lists the author's own
    answers too, and the collection at its address those of others alone.
    """
    if isinstance(document.get("replies"), list):
        return None
    first = embedded(embedded(document, "replies"), "first")
    is_empty = not items(first, "items", 1) and not items(first, "orderedItems", 1)
    following = one_uri(first, "next") if is_empty else None
    for replies in (following, one_uri(document, "replies")):
        if replies is not None and is_on_origin_of(replies, author):
            return replies
    return None


def _quote(document: Document, tags: Tags) -> str | None:
    """Return the quoted status: FEP-044f, Misskey and Akkoma, Fedibird, older Misskey, FEP-e232 (a tag)."""
    for key in ("quote", "quoteUrl", "quoteUri", "_misskey_quote"):
        quoted = one_uri(document, key)
        if quoted:
            return quoted
    return tagged_quote(tags)


def _poll(document: Document) -> RemotePoll | None:
    """Return the poll of a Question (FEP-9967), or None if it has no options."""
    multiple = not items(document, "oneOf", 1) and bool(items(document, "anyOf", 1))
    options: dict[str, int] = {}
    for option in objects(document, "anyOf" if multiple else "oneOf", CAPS.poll_options):
        name = one_line(option, "name", CAPS.name_characters)
        if name:
            options.setdefault(name, count(embedded(option, "replies").get("totalItems")))
    if not options:
        return None
    voters = document.get("votersCount")
    closed = instant(document, "closed")
    ends = instant(document, "endTime") or closed
    return RemotePoll(
        options=tuple(options.items()),
        multiple=multiple,
        ends_at=ends,
        # Misskey replaces `endTime` by `closed` when a poll is over; a bare true means: ended as planned.
        closed_at=ends if flag(document, "closed") else closed,
        voters_count=None if voters is None else count(voters),
    )
