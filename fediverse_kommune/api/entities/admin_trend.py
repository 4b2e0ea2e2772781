"""Hashtags, pages, sites and posts as moderators see them, who decide whether they may be trends.

https://docs.joinmastodon.org/entities/Tag/#admin; what Mastodon adds to the others is in its source only
(`REST::Admin::Trends`), `listable` of a hashtag as well.
"""

from activitypub.documents import timestamp
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.models import HashtagRule, TrendReview
from fediverse_kommune.services.trend_reviews import Publisher


def admin_tag_entity(tag: Entity, rule: HashtagRule | None, review: TrendReview | None, *, reviewed: bool) -> Entity:
    """Return a hashtag with how it may be used. `reviewed` if nothing is a trend before it was allowed."""
    return tag | {
        "trendable": _trendable(review, reviewed=reviewed),
        "usable": rule is None or rule.usable,
        "listable": rule is None or rule.listable,
        **needs_review(review, reviewed=reviewed),
    }


def admin_link_entity(
    card_id: int, link: Entity, review: TrendReview | None, publisher: TrendReview | None, *, reviewed: bool
) -> Entity:
    """Return a page with its id. A decision about its site will do as well."""
    return {"id": str(card_id), **link, **needs_review(review or publisher, reviewed=reviewed)}


def publisher_entity(publisher: Publisher, *, reviewed: bool) -> Entity:
    """Return a site whose pages are talked about. Its domain is its id."""
    review = publisher.review
    return {
        "id": publisher.domain,
        "domain": publisher.domain,
        "trendable": None if review is None else review.allowed,
        "reviewed_at": review and timestamp(review.reviewed_at),
        # Nobody is asked to look: moderators find it in the list.
        "requested_review_at": None,
        **needs_review(review, reviewed=reviewed),
    }


def needs_review(review: TrendReview | None, *, reviewed: bool) -> Entity:
    """Return whether somebody still has to decide."""
    return {"requires_review": reviewed and review is None}


def _trendable(review: TrendReview | None, *, reviewed: bool) -> bool:
    return not reviewed if review is None else review.allowed
