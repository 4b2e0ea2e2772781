"""Poll. https://docs.joinmastodon.org/entities/Poll/"""

from collections.abc import Sequence
from datetime import datetime

from activitypub.documents import timestamp
from activitypub.models import Poll
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.custom_emoji import custom_emoji_entity


def poll_entity(
    poll: Poll, emojis: Sequence[dict[str, str]], now: datetime, *, own_votes: Sequence[int] | None, is_author: bool
) -> Entity:
    """Return a poll as it stands at `now`. `own_votes` is None for nobody in particular, who is told of no votes.

    Whoever asked the question counts as having voted: they see the result and are offered no choice.
    """
    expired = poll.expires_at is not None and poll.expires_at <= now
    hidden = poll.hides_totals and not expired
    entity: Entity = {
        "id": str(poll.status_id),
        "expires_at": poll.expires_at and timestamp(poll.expires_at),
        "expired": expired,
        "multiple": poll.multiple,
        "votes_count": sum(option["votes"] for option in poll.options),
        "voters_count": poll.voters_count,
        "options": [
            {"title": option["title"], "votes_count": None if hidden else option["votes"]} for option in poll.options
        ],
        "emojis": [custom_emoji_entity(emoji) for emoji in emojis],
    }
    if own_votes is None:
        return entity
    return entity | {"voted": is_author or bool(own_votes), "own_votes": sorted(own_votes)}
