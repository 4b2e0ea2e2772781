"""Quote, ShallowQuote and QuoteApproval.

https://docs.joinmastodon.org/entities/Quote/, https://docs.joinmastodon.org/entities/ShallowQuote/ and
https://docs.joinmastodon.org/entities/QuoteApproval/
"""

from collections.abc import Sequence

from activitypub.access import Approval, Bond, Group, Interaction, Policy, quote_approval
from activitypub.models import Quote, QuoteState
from activitypub.vocabulary import Visibility
from fediverse_kommune.api.entities import Entity

NAMED = (Group.PUBLIC, Group.FOLLOWERS, Group.FOLLOWING)


def quote_entity(quote: Quote, quoted: Entity | None, aloof: str | None = None) -> Entity:
    """Return a quote; `quoted` is the entity of the post it shows, None if this reader may not see that.

    `aloof` is why the reader wants nothing of its author ("muted_account"): apps then ask before they show it.
    """
    return {"state": _state(quote, readable=quoted is not None, aloof=aloof), "quoted_status": quoted}


def shallow_quote_entity(quote: Quote, *, readable: bool, aloof: str | None = None) -> Entity:
    """Return a quote inside a quoted post, which names what it shows and does not show it."""
    shown = readable and quote.state is QuoteState.ACCEPTED
    return {
        "state": _state(quote, readable=readable, aloof=aloof),
        "quoted_status_id": str(quote.quoted_id) if shown else None,
    }


def quote_approval_entity(policy: Policy, visibility: Visibility, bond: Bond | None) -> Entity:
    """Return who may quote a post, and whether this reader may; `bond` is None for nobody in particular."""
    part = policy.get(Interaction.QUOTE) or {}
    return {
        "automatic": _named(part.get("automatic", ())),
        "manual": _named(part.get("manual", ())),
        "current_user": Approval.DENIED if bond is None else quote_approval(policy, visibility, bond),
    }


def _state(quote: Quote, *, readable: bool, aloof: str | None) -> str:
    if quote.state is not QuoteState.ACCEPTED:
        return quote.state
    if quote.quoted_id is None:
        return QuoteState.DELETED
    return (aloof or quote.state) if readable else "unauthorized"


def _named(entries: Sequence[str]) -> list[str]:
    """Return the groups that clients know, each once. The author, who always may, is not told."""
    words = (entry if entry in NAMED else "unsupported_policy" for entry in entries if entry != Group.AUTHOR)
    return list(dict.fromkeys(words))
