"""What the document of a status says of quotes and policies, and the stamps that allow quotes. Pure.

FEP-044f, FEP-e232, https://docs.gotosocial.org/en/latest/federation/interaction_controls/
"""

from collections.abc import Mapping
from html import escape
from typing import Any

from activitypub.access import Group, Interaction
from activitypub.jsonld import OUTGOING_CONTEXT
from activitypub.models import Actor, Quote, QuoteState, Status
from activitypub.vocabulary import PUBLIC

Document = dict[str, Any]

# What is told of a quote: one that was refused, or whose status is gone, is no quote to others either.
TOLD = frozenset({QuoteState.PENDING, QuoteState.ACCEPTED})
# FEP-044f, and what Misskey and Akkoma, Fedibird, and older Misskey read.
NAMES = ("quote", "quoteUrl", "quoteUri", "_misskey_quote")
AS_MEDIA_TYPE = 'application/ld+json; profile="https://www.w3.org/ns/activitystreams"'
QUOTE_RELATION = "https://misskey-hub.net/ns#_misskey_quote"
# The parts of a policy that this server holds others to. To name one is to promise answers to requests for it.
ENFORCED = (Interaction.QUOTE,)


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
    return {name.value: _part(status.interaction_policy.get(name) or {}, status.actor) for name in ENFORCED}


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


def _quoted_uri(status: Status) -> str | None:
    return status.quote.quoted_uri if status.quote is not None and status.quote.state in TOLD else None


def _part(part: Mapping[str, Any], author: Actor) -> dict[str, list[str]]:
    uris = {Group.PUBLIC: PUBLIC, Group.FOLLOWERS: author.followers_uri, Group.FOLLOWING: author.following_uri}
    automatic, manual = (
        [str(uris.get(entry, entry)) for entry in part.get(word, ()) if entry != Group.AUTHOR]
        for word in ("automatic", "manual")
    )
    said = {"automaticApproval": automatic if PUBLIC in automatic else [author.uri, *automatic]}
    return said | {"manualApproval": manual} if manual else said
