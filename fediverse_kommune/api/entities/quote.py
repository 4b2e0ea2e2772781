"""Quote, ShallowQuote and QuoteApproval.

https://docs.joinmastodon.org/entities/Quote/, https://docs.joinmastodon.org/entities/ShallowQuote/ and
https://docs.joinmastodon.org/entities/QuoteApproval/
"""

from activitypub.models import Quote, QuoteState
from fediverse_kommune.api.entities import Entity


def quote_entity(quote: Quote, quoted: Entity | None) -> Entity:
    """Return a quote; `quoted` is the entity of the post it shows, None if this reader may not see that."""
    if quote.state is QuoteState.ACCEPTED and quoted is None:
        return {"state": "unauthorized", "quoted_status": None}
    return {"state": quote.state, "quoted_status": quoted if quote.state is QuoteState.ACCEPTED else None}


def shallow_quote_entity(quote: Quote, *, readable: bool) -> Entity:
    """Return a quote inside a quoted post, which names what it shows and does not show it."""
    if quote.state is QuoteState.ACCEPTED and not readable:
        return {"state": "unauthorized", "quoted_status_id": None}
    shown = quote.state is QuoteState.ACCEPTED and quote.quoted_id is not None
    return {"state": quote.state, "quoted_status_id": str(quote.quoted_id) if shown else None}


def quote_approval_entity() -> Entity:
    """Return who may quote a post: nobody, for quotes are not taken yet."""
    return {"automatic": [], "manual": [], "current_user": "denied"}
