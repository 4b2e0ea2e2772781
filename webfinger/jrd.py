"""The JSON Resource Descriptor: what WebFinger answers (RFC 7033 section 4.4), written and read."""

from collections.abc import Iterable, Mapping
from typing import Any

from msgspec import Struct

from webfinger.handle import Handle

JRD_TYPE = "application/jrd+json"
ACTIVITY_TYPE = "application/activity+json"
# The second spelling of the same type (ActivityPub section 3.2); some servers announce their actors only by
# it.
LD_TYPE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
PROFILE_PAGE = "http://webfinger.net/rel/profile-page"
SUBSCRIBE = "http://ostatus.org/schema/1.0/subscribe"
AVATAR = "http://webfinger.net/rel/avatar"
INTENT = "https://w3id.org/fep/3b86/"
# The relation of a server to the actor that stands for all of it (FEP-d556).
SERVICE = "https://www.w3.org/ns/activitystreams#Service"

MAX_LINKS = 100
MAX_ALIASES = 100


class InvalidJrd(ValueError):
    """A document that is no JRD. The message says why."""


class Link(Struct, frozen=True):
    """One link of a JRD, by its `href` or, with a place to fill in, its `template`."""

    rel: str
    type: str | None = None
    href: str | None = None
    template: str | None = None


class Jrd(Struct, frozen=True):
    """A JRD as some server says it. Nothing in it is proved yet, and no URL in it is judged yet."""

    subject: str | None
    aliases: tuple[str, ...]
    links: tuple[Link, ...]

    @property
    def actor_uri(self) -> str | None:
        """The id of the actor: the first `self` link that announces an ActivityPub document."""
        found = (link.href for link in self.links if link.rel == "self" and _is_activity(link.type))
        return next((href for href in found if href), None)

    @property
    def subscribe_template(self) -> str | None:
        """The address, with {uri} in it, at which the account's own server offers to follow somebody."""
        return next((link.template for link in self.links if link.rel == SUBSCRIBE and link.template), None)


def actor_jrd(
    handle: Handle,
    actor_uri: str,
    *,
    profile_url: str | None = None,
    avatar: tuple[str, str] | None = None,
    templates: Mapping[str, str] | None = None,
    is_server: bool = False,
) -> dict[str, Any]:
    """Return the JRD of one of our actors; `is_server` if it is the one of the server itself (FEP-d556).

    `avatar` is a URL and its media type. `templates` maps relations to addresses with a place to fill in:
    `SUBSCRIBE` to one with {uri}, `INTENT + "Create"` to where a person writes a post here (FEP-3b86).
    """
    relations = ("self", SERVICE) if is_server else ("self",)
    links: list[dict[str, str]] = [{"rel": rel, "type": ACTIVITY_TYPE, "href": actor_uri} for rel in relations]
    if profile_url:
        links.append({"rel": PROFILE_PAGE, "type": "text/html", "href": profile_url})
    if avatar:
        links.append({"rel": AVATAR, "href": avatar[0], "type": avatar[1]})
    links.extend({"rel": rel, "template": template} for rel, template in (templates or {}).items())
    aliases = [uri for uri in (profile_url, actor_uri) if uri]
    return {"subject": handle.uri, "aliases": list(dict.fromkeys(aliases)), "links": links}


def parse_jrd(document: object) -> Jrd:
    """Read a JRD. Links and aliases of a wrong type are left out; unknown members are ignored.

    Raises `InvalidJrd` if it is not an object, or its subject, aliases or links are of a wrong type.
    """
    if not isinstance(document, Mapping):
        raise InvalidJrd("a JRD is a JSON object")
    subject = document.get("subject")
    if subject is not None and not isinstance(subject, str):
        raise InvalidJrd("the subject of a JRD is a string")
    aliases = _list(document, "aliases")[:MAX_ALIASES]
    links = (_link(item) for item in _list(document, "links")[:MAX_LINKS])
    return Jrd(
        subject=subject,
        aliases=tuple(alias for alias in aliases if isinstance(alias, str)),
        links=tuple(link for link in links if link),
    )


def only_relations(document: Mapping[str, Any], relations: Iterable[str]) -> dict[str, Any]:
    """Return the JRD with none but the links asked for by `rel` (RFC 7033 section 4.3)."""
    wanted = frozenset(relations)
    return {**document, "links": [link for link in document["links"] if link["rel"] in wanted]}


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    value = document.get(key)
    if value is None:
        return []
    if not isinstance(value, list):
        raise InvalidJrd(f"the {key} of a JRD are a list")
    return value


def _link(item: object) -> Link | None:
    if not isinstance(item, Mapping) or not isinstance(item.get("rel"), str):
        return None
    type_, href, template = (
        value if isinstance(value := item.get(key), str) else None for key in ("type", "href", "template")
    )
    return Link(item["rel"], type_, href, template)


def _is_activity(media_type: str | None) -> bool:
    if media_type is None:
        return False
    # Quotes and blanks around the profile vary between servers.
    spelling = media_type.lower().replace(" ", "").replace('"', "")
    return spelling.partition(";")[0] == ACTIVITY_TYPE or spelling == LD_TYPE.replace(" ", "").replace('"', "")
