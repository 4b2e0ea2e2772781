"""Actors: Person, Group, Organization, Service, Application → `RemoteActor`.

Every URI by which we would later believe or reach the actor must lie on the actor's own origin (row A15): a
foreign inbox or key owner is a lie and refuses the whole document, a foreign endpoint of less weight is left
out.

Source: https://www.w3.org/TR/activitypub/#actor-objects, https://w3id.org/security/v1, FEP-521a, FEP-2c59,
FEP-fb2a, FEP-844e
"""

from collections.abc import Callable
from contextlib import suppress

from activitypub.caps import CAPS
from activitypub.multikey import ed25519_pem
from activitypub.parse_media import picture
from activitypub.parse_tags import read_emojis, tags_by_type
from activitypub.properties import (
    Document,
    Unreadable,
    embedded,
    flag,
    instant,
    is_on_origin_of,
    items,
    media_type,
    objects,
    one_line,
    one_uri,
    searchable_by,
    text,
    uri_of,
    uris,
    web_url,
)
from activitypub.vocabulary import ACTOR_TYPES, RemoteActor, RemoteField, RemoteKey, type_of
from webfinger.host import InvalidHost, canonical_host

MAX_KEYS = 8
_PEM_CHARACTERS = 4_096
_NOT_IN_USERNAMES = frozenset("/\\@:?#%&=<>\"'`|{}[]^,;*()!$+ ")
_HANDLE_CHARACTERS = 2_304


def parse_actor(document: Document, *, allow_http: bool = False) -> RemoteActor:
    """Read an actor document. `allow_http` is for a local test fediverse only.

    Raises `Unreadable` if the type is no actor, if id, inbox or a usable name is missing, or if the inbox or
    the owner of a key is foreign.
    """
    kind = type_of(document)
    if kind not in ACTOR_TYPES:
        raise Unreadable(f"An object of type {str(kind)[:64]} is no actor.")
    uri = _url(document.get("id"), allow_http=allow_http)
    if uri is None:
        raise Unreadable("The actor has no id that is an https URI.")

    def own(value: object) -> str | None:
        url = _url(value, allow_http=allow_http)
        return url if url is not None and is_on_origin_of(url, uri) else None

    webfinger = _webfinger(document)
    return RemoteActor(
        uri=uri,
        type=kind,
        username=_username(document, uri, webfinger),
        name=one_line(document, "name", CAPS.name_characters),
        summary=text(document, "summary", CAPS.bio_characters),
        url=_page(document, own),
        inbox=_inbox(document, own),
        # Misskey has `sharedInbox` beside `endpoints` as well as in it.
        shared_inbox=own(embedded(document, "endpoints").get("sharedInbox") or document.get("sharedInbox")),
        outbox=own(one_uri(document, "outbox")),
        followers=own(one_uri(document, "followers")),
        following=own(one_uri(document, "following")),
        featured=own(one_uri(document, "featured")),
        keys=_keys(document, uri, own),
        webfinger=webfinger,
        manually_approves_followers=flag(document, "manuallyApprovesFollowers"),
        discoverable=flag(document, "discoverable"),
        indexable=flag(document, "indexable"),
        avatar_url=picture(document, "icon", allow_http=allow_http),
        header_url=picture(document, "image", allow_http=allow_http),
        fields=_fields(document),
        emojis=read_emojis(tags_by_type(document), allow_http=allow_http),
        also_known_as=uris(document, "alsoKnownAs", CAPS.also_known_as),
        moved_to=one_uri(document, "movedTo"),
        published=instant(document, "published"),
        moderators=own(_moderators(document, kind)),
        attribution_domains=_attribution_domains(document, allow_http=allow_http),
        implements=_implements(document, kind),
        searchable_by=searchable_by(document, uri),
    )


def _implements(document: Document, kind: str) -> tuple[str, ...]:
    """Return what the server says that it can do (FEP-844e): of itself, or in the `generator` that comes along."""
    application = document if kind == "Application" else embedded(document, "generator")
    return uris(application, "implements", CAPS.implements)


def _attribution_domains(document: Document, *, allow_http: bool) -> tuple[str, ...]:
    """Return the sites that may name this actor as the author of their pages (FEP-2345); what is no host is dropped."""
    domains = []
    for value in items(document, "attributionDomains", CAPS.attribution_domains):
        with suppress(InvalidHost):
            domains.append(canonical_host(str(value), test_network=allow_http))
    return tuple(domains)


def _url(value: object, *, allow_http: bool) -> str | None:
    return web_url(value, allow_http=allow_http) if isinstance(value, str) else None


def _inbox(document: Document, own: Callable[[object], str | None]) -> str:
    inbox = own(one_uri(document, "inbox"))
    if inbox is None:
        raise Unreadable("The actor has no inbox on its own origin.")
    return inbox


def _username(document: Document, uri: str, webfinger: str | None) -> str:
    """Return the name before the @ of the handle (row L05).

    Some relays and application actors leave out `preferredUsername`; then the WebFinger address tells it, or
    the last part of the id.
    """
    candidates = (
        one_line(document, "preferredUsername", CAPS.username_characters),
        webfinger.partition("@")[0] if webfinger else "",
        uri.partition("?")[0].partition("#")[0].rstrip("/").rpartition("/")[2],
    )
    username = next((each for each in candidates if each), "")
    if not is_username(username):
        raise Unreadable("The actor has no name that can stand before the @ of a handle.")
    return username


def is_username(name: str) -> bool:
    """Say whether a name can stand in a handle and in a path: no separators, no blanks, not only dots."""
    return bool(name.strip(".")) and name.isprintable() and _NOT_IN_USERNAMES.isdisjoint(name)


def _webfinger(document: Document) -> str | None:
    """Return the address of FEP-2c59 as user@host, still unproved."""
    address = one_line(document, "webfinger", _HANDLE_CHARACTERS).removeprefix("acct:").removeprefix("@")
    name, at, host = address.partition("@")
    return address if at and is_username(name) and host and "@" not in host else None


def _page(document: Document, own: Callable[[object], str | None]) -> str | None:
    """Return the profile page: a string, a Link, or of several the HTML one; never on another origin."""
    values = items(document, "url")
    pages = [each.get("href") for each in values if isinstance(each, dict) and media_type(each) in {"text/html", ""}]
    return next((url for each in [*pages, *values] if (url := own(each))), None)


def _moderators(document: Document, kind: str) -> str | None:
    """Return the moderators of a Group: FEP-1b12 has them in `attributedTo`, Lemmy once had `moderators`.

    PeerTube attributes a channel to a Person instead, who is no collection.
    """
    if kind != "Group":
        return None
    attributed_to = document.get("attributedTo")
    return one_uri(document, "moderators") or (attributed_to if isinstance(attributed_to, str) else None)


def _keys(document: Document, uri: str, own: Callable[[object], str | None]) -> tuple[RemoteKey, ...]:
    """Return the public keys of the actor. A key without an owner is its own: it stands in its document."""
    keys: dict[str, RemoteKey] = {}
    listed = [*objects(document, "publicKey", MAX_KEYS), *objects(document, "assertionMethod", MAX_KEYS)]
    for key in listed:
        owner = key.get("owner") or key.get("controller")
        if owner is not None and uri_of(owner) != uri:
            raise Unreadable("The actor lists a public key that belongs to another actor.")
        key_uri, pem = own(key.get("id")), _pem(key)
        if key_uri and pem and _may_be_listed(key_uri, uri):
            keys.setdefault(key_uri, RemoteKey(key_uri, uri, pem))
    return tuple(keys.values())


def _may_be_listed(key_uri: str, uri: str) -> bool:
    """A key with a fragment is a part of the document before it, and so of that actor alone (row A08).

    BookWyrm writes a slash before the fragment that the actor's id does not have.
    """
    holder, fragment, _ = key_uri.partition("#")
    return not fragment or holder.rstrip("/") == uri.partition("#")[0].rstrip("/")


def _pem(key: Document) -> str | None:
    """Return the key as PEM, whether `publicKey` has it so or `assertionMethod` as a Multikey (FEP-521a)."""
    pem, multibase = key.get("publicKeyPem"), key.get("publicKeyMultibase")
    if isinstance(pem, str) and len(pem) <= _PEM_CHARACTERS:
        return pem.replace("\0", "") or None
    return ed25519_pem(multibase) if isinstance(multibase, str) else None


def _fields(document: Document) -> tuple[RemoteField, ...]:
    """Return the labelled values of the profile; other attachments are proofs of identity and the like."""
    pairs = (
        (one_line(each, "name", CAPS.field_characters), text(each, "value", CAPS.field_characters))
        for each in objects(document, "attachment")
        if type_of(each) == "PropertyValue"
    )
    return tuple(RemoteField(name, value) for name, value in pairs if name or value)[: CAPS.fields]
