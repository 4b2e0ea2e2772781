"""PreviewCard: what a page that a post links to says about itself. https://docs.joinmastodon.org/entities/PreviewCard/

Text and a picture drawn here, and nothing that could be run: `html` and `embed_url` are always empty (row G03).
"""

from activitypub.documents import media_url, timestamp
from activitypub.instance import LocalInstance
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import account_entity
from fediverse_kommune.models import PreviewCard


def preview_card_entity(card: PreviewCard, instance: LocalInstance) -> Entity:
    """Return a card that has been fetched, with the actor its page names as author loaded."""
    return {
        "url": card.url,
        "title": card.title,
        "description": card.description,
        "language": card.language,
        "type": card.type,
        "author_name": card.author_name,
        "author_url": card.author_url,
        "provider_name": card.provider_name,
        "provider_url": card.provider_url,
        "html": "",
        "width": card.width,
        "height": card.height,
        "image": media_url(instance, card.image_key) if card.image_key else None,
        "image_description": card.image_description,
        "embed_url": "",
        "blurhash": card.blurhash,
        "published_at": card.published_at and timestamp(card.published_at),
        "authors": _authors(card, instance),
    }


def _authors(card: PreviewCard, instance: LocalInstance) -> list[Entity]:
    author = card.author
    if author is not None and author.suspended_at is None:
        account = account_entity(author, instance)
        return [{"name": author.name or author.username, "url": account["url"], "account": account}]
    if card.author_name:
        return [{"name": card.author_name, "url": card.author_url, "account": None}]
    return []
