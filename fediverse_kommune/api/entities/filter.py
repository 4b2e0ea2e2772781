"""Filter with its parts, FilterResult, and the filter of version 1.

https://docs.joinmastodon.org/entities/Filter/ and https://docs.joinmastodon.org/entities/V1_Filter/
"""

from activitypub.documents import timestamp
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import Filter, FilterAction, FilterKeyword, FilterStatus
from fediverse_kommune.services.filtering import Match


def filter_entity(row: Filter) -> Entity:
    """Return a filter with the words and the posts in it."""
    return {
        "id": str(row.id),
        "title": row.title,
        "context": list(row.contexts),
        "expires_at": row.expires_at and timestamp(row.expires_at),
        "filter_action": row.action,
        "keywords": [filter_keyword_entity(word) for word in row.keywords],
        "statuses": [filter_status_entity(entry) for entry in row.statuses],
    }


def filter_keyword_entity(word: FilterKeyword) -> Entity:
    """Return a word of a filter. https://docs.joinmastodon.org/entities/FilterKeyword/"""
    return {"id": str(word.id), "keyword": word.keyword, "whole_word": word.whole_word}


def filter_status_entity(entry: FilterStatus) -> Entity:
    """Return a post in a filter. https://docs.joinmastodon.org/entities/FilterStatus/"""
    return {"id": str(entry.id), "status_id": str(entry.status_id)}


def filter_result_entity(match: Match) -> Entity:
    """Return what of a filter a post matches; the filter stands in it without its words and posts.

    https://docs.joinmastodon.org/entities/FilterResult/
    """
    rule = match.rule
    return {
        "filter": {
            "id": str(rule.id),
            "title": rule.title,
            "context": list(rule.contexts),
            "expires_at": rule.expires_at and timestamp(rule.expires_at),
            "filter_action": rule.action,
        },
        "keyword_matches": list(match.keywords) or None,
        "status_matches": None if match.status_id is None else [str(match.status_id)],
    }


def v1_filter_entity(row: Filter, word: FilterKeyword) -> Entity:
    """Return one word of a filter as version 1 has it."""
    return {
        "id": str(word.id),
        "phrase": word.keyword,
        "context": list(row.contexts),
        "whole_word": word.whole_word,
        "expires_at": row.expires_at and timestamp(row.expires_at),
        "irreversible": row.action is FilterAction.HIDE,
    }
