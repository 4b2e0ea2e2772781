"""Which post shows the preview of which page, and which pages are to be read. https://docs.joinmastodon.org/entities/PreviewCard/

A page is read once, however many posts link to it, and only if somebody here sees one of them.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import Struct
from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from activitypub.links import first_link
from activitypub.models import Actor, Media, Mention, Status, attach, new_id
from activitypub.models.base import first_id_at
from activitypub.unit import Unit
from activitypub.uris import host_of, origin
from activitypub.vocabulary import Visibility
from fediverse_kommune.inserts import insert_new_row
from fediverse_kommune.models import FeedEntry, PreviewCard, StatusCard
from fediverse_kommune.previews.page import Page
from fediverse_kommune.services.leases import Waiting
from fediverse_kommune.services.refusals import NotFound

# What arrives from elsewhere arrives everywhere at once: servers that all looked at the page in that second would be
# an attack on it. Mastodon waits up to a minute as well.
JITTER_SECONDS = 60
UNUSED_AFTER = timedelta(days=7)
SWEPT_AT_ONCE = 200
MOST_LOOKED_AT = 20  # posts about one page, for what they say of it
PAGES = Waiting(PreviewCard.id, PreviewCard.due_at)
"""The pages to be read."""


class Image(Struct, frozen=True):
    """The picture of a page as it is kept here."""

    key: str
    width: int
    height: int
    blurhash: str


def want_card(unit: Unit, status: Status) -> None:
    """Let a post show the preview of the page it links to, which is read soon unless it has been."""
    url = _page_of(unit, status)
    if url is None or not _is_seen(unit, status):
        return
    wait = 0 if status.local else secrets.randbelow(JITTER_SECONDS + 1)
    due_at = unit.now + timedelta(seconds=wait)
    insert_new_row(unit, PreviewCard, **_empty(unit, url, due_at))
    card = unit.scalars(select(PreviewCard).where(PreviewCard.url == url)).one()
    insert_new_row(unit, StatusCard, status_id=status.id, card_id=card.id)
    if status.local:
        attach(status, card=card)  # what is known of the page leaves with the post


def drop_card(unit: Unit, status: Status) -> None:
    """Let a post show no preview any more: it links to something else now."""
    unit.execute(delete(StatusCard).where(StatusCard.status_id == status.id))
    attach(status, card=None)


def claim(unit: Unit, room: int) -> Sequence[tuple[int, str]]:
    """Take pages to be read under a lease: their ids and addresses."""
    rows = unit.execute(select(PreviewCard.id, PreviewCard.url).where(PreviewCard.id.in_(PAGES.claim(unit, room))))
    return [(card_id, url) for card_id, url in rows]


def told(session: Session, card_id: int) -> Page | None:
    """Return what a page's own server says of it in a post (FEP-8967); it need not be read then. None if none does."""
    query = select(Status.attached_link, PreviewCard.url)
    rows = session.execute(
        query.join(StatusCard, StatusCard.status_id == Status.id)
        .join(PreviewCard, PreviewCard.id == StatusCard.card_id)
        .where(PreviewCard.id == card_id, Status.attached_link.is_not(None))
        .order_by(Status.id)
        .limit(MOST_LOOKED_AT)
    )
    for link, url in rows:
        if link.get("title") and link["url"] == url:
            return Page(
                title=link["title"],
                description=link["description"],
                author_name=link["author_name"],
                author_url=link["author_url"],
                provider_name=host_of(url),
                provider_url=origin(url),
                language=None,
                published=None,
                image_url=link["image"],
                image_description=link["image_description"],
                creator=None,
            )
    return None


def give_up(unit: Unit, card_id: int) -> None:
    """Note that a page has no preview. It is not asked again."""
    unit.execute(update(PreviewCard).where(PreviewCard.id == card_id).values(due_at=None))


def finish(unit: Unit, card_id: int, page: Page, image: Image | None, author_id: int | None) -> None:
    """Keep what a page says of itself."""
    values = {
        "title": page.title,
        "description": page.description,
        "author_name": page.author_name,
        "author_url": page.author_url,
        "author_id": author_id,
        "provider_name": page.provider_name,
        "provider_url": page.provider_url,
        "language": page.language,
        "published_at": page.published,
        "image_key": image.key if image else None,
        "image_description": page.image_description if image else "",
        "width": image.width if image else 0,
        "height": image.height if image else 0,
        "blurhash": image.blurhash if image else None,
        "fetched_at": unit.now,
        "due_at": None,
    }
    unit.execute(update(PreviewCard).where(PreviewCard.id == card_id).values(values))


def author_allows(session: Session, actor_id: int, host: str) -> bool:
    """True if an actor lets the site on this host name it as the author of its pages (`attributionDomains`)."""
    domains = session.scalar(select(Actor.attribution_domains).where(Actor.id == actor_id)) or []
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def find_card(session: Session, url: str) -> PreviewCard:
    """Return the preview of a page that has been read. Raises `NotFound`."""
    card = session.scalar(select(PreviewCard).where(PreviewCard.url == url, PreviewCard.fetched_at.is_not(None)))
    if card is None:
        raise NotFound
    return card


def sweep(unit: Unit) -> list[str]:
    """Forget previews that no post has shown for a while; return the keys of their pictures."""
    unused = ~exists().where(StatusCard.card_id == PreviewCard.id)
    old = select(PreviewCard).where(unused, PreviewCard.id < first_id_at(unit.now - UNUSED_AFTER)).limit(SWEPT_AT_ONCE)
    rows = unit.scalars(old).all()
    if rows:
        unit.execute(delete(PreviewCard).where(PreviewCard.id.in_([row.id for row in rows])))
    return [row.image_key for row in rows if row.image_key]


def _page_of(unit: Unit, status: Status) -> str | None:
    """Return the page that a post is about. What is written to few is nobody else's to look at."""
    if status.visibility is Visibility.DIRECT:
        return None
    attached = status.attached_link or {}
    url = attached.get("url") or first_link(status.content, allow_http=unit.instance.test_network)
    if url is None or unit.instance.owns(url):
        return None
    has_media = unit.scalar(select(exists().where(Media.status_id == status.id)))
    return None if has_media else url


def _is_seen(session: Session, status: Status) -> bool:
    """True if somebody here wrote it, has it in the home timeline, or is named in it."""
    if status.local:
        return True
    in_feed = exists().where(FeedEntry.status_id == status.id)
    named = exists().where(Mention.status_id == status.id, Actor.id == Mention.actor_id, Actor.domain.is_(None))
    return bool(session.scalar(select(in_feed | named)))


def _empty(unit: Unit, url: str, due_at: datetime) -> dict[str, object]:
    words = ("title", "description", "author_name", "author_url", "provider_name", "provider_url", "image_description")
    return {
        "id": new_id(unit.now),
        "url": url,
        "type": "link",
        "width": 0,
        "height": 0,
        "due_at": due_at,
        **dict.fromkeys(words, ""),
    }
