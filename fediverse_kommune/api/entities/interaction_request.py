"""InteractionRequest: what somebody wants to do with a post, for its author to decide.

https://docs.gotosocial.org/en/latest/api/swagger/ (interactionRequest); "quote" is a type that only we have.
"""

from activitypub.documents import timestamp
from activitypub.models import InteractionRequest, Wish
from fediverse_kommune.api.entities import Entity

TYPES = {Wish.LIKE: "favourite", Wish.REPLY: "reply", Wish.ANNOUNCE: "reblog", Wish.QUOTE: "quote"}


def interaction_request_entity(
    row: InteractionRequest, *, account: Entity, status: Entity, reply: Entity | None
) -> Entity:
    """Return a request. `reply` is the post that answers or quotes; what was not decided has no time of that."""
    entity = {
        "id": str(row.id),
        "type": TYPES[row.wish],
        "created_at": timestamp(row.created_at),
        "account": account,
        "status": status,
    }
    if reply is not None:
        entity["reply"] = reply
    if row.accepted_at is not None:
        entity["accepted_at"] = timestamp(row.accepted_at)
    if row.rejected_at is not None:
        entity["rejected_at"] = timestamp(row.rejected_at)
    return entity
