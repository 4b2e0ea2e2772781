"""What the document of a status says of quotes and policies, and the stamps that allow quotes. Pure.

FEP-044f, FEP-e232, https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from activitypub.access import Group, Interaction, is_for_everybody
from activitypub.jsonld import OUTGOING_CONTEXT
from activitypub.models import Actor, InteractionRequest, Quote, QuoteState, Status, Wish
from activitypub.vocabulary import PUBLIC

Document = dict[str, Any]

# What is told of a quote: one that was refused, or whose status is gone, is no quote to others either.
TOLD = frozenset({QuoteState.PENDING, QuoteState.ACCEPTED})
# FEP-044f, and what Misskey and Akkoma, Fedibird, and older Misskey read.
NAMES = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
AS_MEDIA_TYPE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
QUOTE_RELATION = "https://misskey-hub.net/ns#_misskey_quote"
# The parts of a policy that this server holds others to. To name one is to promise answers to requests for it.
ENFORCED = (Interaction.LIKE, Interaction.REPLY, Interaction.ANNOUNCE, Interaction.QUOTE)
AUTHORIZATIONS = {
    Wish.LIKE: "LikeAuthorization",
    Wish.REPLY: "ReplyAuthorization",
    Wish.ANNOUNCE: "AnnounceAuthorization",
}


def quote_properties(status: Status) -> Mapping[str, Any]:
    """Return what a status quotes, by every name, and the stamp that allows it."""
    uri = _quoted_uri(status)
    if uri is None or status.quote is None:
        return {}
    return {**dict.fromkeys(NAMES, uri), "quoteAuthorization": status.quote.stamp_uri}


def fallback(status: Status) -> str:
    """Return the line of HTML by which software without quotes still leads to the quoted status; "" for none."""
    uri = _quoted_uri(status)
    if uri is None:
        return ""
    link = escape(uri)
    return f'<p class="quote-inline">RE: <a href="{link}" rel="nofollow noopener noreferrer">{link}</a></p>'


def quote_links(status: Status) -> list[dict[str, Any]]:
    """Return the quote as a tag: an object link (FEP-e232)."""
    uri = _quoted_uri(status)
    if uri is None:
        return []
    return [{"type": "Link", "mediaType": AS_MEDIA_TYPE, "rel": QUOTE_RELATION, "href": uri, "name": f"RE: {uri}"}]


def interaction_policy(status: Status) -> Mapping[str, Any]:
    """Return who may interact with a status. Nobody is said by naming the author: empty means that nothing is said."""
    return {
        name.value: {"automaticApproval": [PUBLIC]}
        if is_for_everybody(status.interaction_policy, name)
        else _part(status.interaction_policy.get(name) or {}, status)
        for name in ENFORCED
    }


def quote_authorization_document(row: Quote, *, quoting: str, author: Actor) -> Document:
    """Return the stamp by which `author`, one of ours, allows the status with the id `quoting` to quote."""
    return {
        "@context": OUTGOING_CONTEXT,
        "id": row.stamp_uri,
        "type": "QuoteAuthorization",
        "attributedTo": author.uri,
        "interactingObject": quoting,
        "interactionTarget": row.quoted_uri,
    }


def authorization_document(row: InteractionRequest, *, uri: str, target: str, author: Actor) -> Document:
    """Return what says that `author`, one of ours, lets somebody like, answer or announce the status `target`."""
    return {
        "@context": OUTGOING_CONTEXT,
        "id": uri,
        "type": AUTHORIZATIONS[row.wish],
        "attributedTo": author.uri,
        "interactingObject": row.interaction_uri,
        "interactionTarget": target,
    }


def _quoted_uri(status: Status) -> str | None:
    return status.quote.quoted_uri if status.quote is not None and status.quote.state in TOLD else None


def _part(part: Mapping[str, Any], status: Status) -> dict[str, list[str]]:
    """Return a part in URIs. The author always stands there; to be mentioned is to be named."""
    automatic, manual = (_uris(part.get(word, ()), status) for word in ("automatic", "manual"))
    said = {"automaticApproval": automatic if PUBLIC in automatic else [status.actor.uri, *automatic]}
    return said | {"manualApproval": manual} if manual else said


def _uris(entries: Iterable[str], status: Status) -> list[str]:
    author = status.actor
    groups = {
        Group.PUBLIC: [PUBLIC],
        Group.FOLLOWERS: [author.followers_uri],
        Group.FOLLOWING: [author.following_uri],
        Group.MENTIONED: [mention.actor.uri for mention in status.mentions],
        Group.AUTHOR: [],
    }
    found = (uri for entry in entries for uri in groups.get(entry, [entry]))  # type: ignore[call-overload]
    return list(dict.fromkeys(str(uri) for uri in found))
