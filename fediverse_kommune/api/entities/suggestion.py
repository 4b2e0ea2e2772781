"""Suggestion. https://docs.joinmastodon.org/entities/Suggestion/"""

from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.services.discovery import Source, Suggestion

# The one word that clients older than `sources` read.
FORMER_WORDS = {Source.FRIENDS_OF_FRIENDS: "past_interactions", Source.MOST_FOLLOWED: "global"}


def suggestion_entity(suggestion: Suggestion, instance: LocalInstance) -> Entity:
    """Return somebody one might like to follow, and why."""
    return {
        "source": FORMER_WORDS[suggestion.sources[0]],
        "sources": list(suggestion.sources),
        "account": account_entity(suggestion.actor, instance),
    }
