"""Instance in its two versions: what a client should know before it does anything.

https://docs.joinmastodon.org/entities/Instance/ and https://docs.joinmastodon.org/entities/V1_Instance/
"""

from collections.abc import Sequence
from importlib.metadata import version

from msgspec import Struct

from activitypub.caps import CAPS
from activitypub.graph.featured import FEATURED_TAGS
from activitypub.instance import LocalInstance
from activitypub.models import Actor
from fediverse_kommune.api.entities import Entity
from fediverse_kommune.api.entities.account import NO_HEADER, account_entity
from fediverse_kommune.api.entities.instance_texts import rule_entity
from fediverse_kommune.config import Config
from fediverse_kommune.media import films
from fediverse_kommune.media.process import Studio
from fediverse_kommune.models import Rule
from fediverse_kommune.services import accounts, interactions, polls, statuses
from fediverse_kommune.services.statistics import Usage

# What an app may expect without asking further: apps compare the front of the text, the number, or both.
COMPATIBLE_WITH = "4.6.0"
API_VERSION = 10  # grouped notifications, PKCE, standard push, featured accounts, quotes, profile, collections
EVENTS_VERSION = 1  # pl-fe asks for events where this is there
# What is here of Pleroma's API, in the place where apps look for it; this is no Pleroma otherwise.
PLEROMA = {"metadata": {"features": ["pleroma_emoji_reactions", "pleroma_custom_emoji_reactions"]}}
SOURCE = "https://gitlab.opencode.de/fediverse-kommune/fediverse_kommune"


def software_version() -> str:
    """Return the version as clients read it: Mastodon's in front, because apps decide by it what they offer."""
    return f"{COMPATIBLE_WITH} (compatible; fediverse_kommune {version('fediverse-kommune')})"


class Facts(Struct, frozen=True):
    """What an instance is made of, as far as clients care."""

    config: Config
    instance: LocalInstance
    usage: Usage
    studio: Studio
    contact: Actor | None
    rules: Sequence[Rule]
    vapid_key: str


def instance_entity(facts: Facts) -> Entity:
    """Return the instance as version 2 of the method has it."""
    config, instance, usage, contact = facts.config, facts.instance, facts.usage, facts.contact
    return {
        "domain": instance.account_domain,
        "title": instance.name,
        "version": software_version(),
        "source_url": SOURCE,
        "description": config.instance.description,
        "usage": {"users": {"active_month": usage.active_month}},
        "thumbnail": {"url": instance.origin + NO_HEADER, "blurhash": None, "description": "", "versions": {}},
        "icon": [],
        "languages": list(config.instance.languages),
        "configuration": _configuration(config, instance, facts.studio) | {"vapid": {"public_key": facts.vapid_key}},
        "registrations": {
            "enabled": config.lets_people_register,
            "approval_required": config.instance.approval_required,
            "reason_required": config.instance.approval_required,
            "message": None if config.lets_people_register else config.instance.registrations_message or None,
            "min_age": config.instance.min_age,
            "url": None,
        },
        "api_versions": {
            "mastodon": API_VERSION,
            "bubble_timeline.pleroma.pl-api": 1,
            "events.pleroma.pl-api": EVENTS_VERSION,
            "emoji_reactions.pleroma.pl-api": 1,
            "custom_emoji_reactions.pleroma.pl-api": 1,
        },
        "contact": {
            "email": config.instance.contact_email,
            "account": account_entity(contact, instance) if contact else None,
        },
        "rules": [rule_entity(row) for row in facts.rules],
        "wrapstodon": None,
        "pleroma": PLEROMA,
    }


def v1_instance_entity(facts: Facts) -> Entity:
    """Return the instance as version 1 of the method has it."""
    config, instance, usage, contact = facts.config, facts.instance, facts.usage, facts.contact
    limits = _limits(config, facts.studio)
    return {
        "uri": instance.account_domain,
        "title": instance.name,
        "short_description": config.instance.description,
        "description": config.instance.description,
        "email": config.instance.contact_email,
        "version": software_version(),
        "urls": {"streaming_api": streaming_url(instance)},
        "stats": {"user_count": usage.users, "status_count": usage.statuses, "domain_count": usage.domains},
        "thumbnail": instance.origin + NO_HEADER,
        "languages": list(config.instance.languages),
        "registrations": config.lets_people_register,
        "approval_required": config.instance.approval_required,
        "invites_enabled": False,
        "configuration": limits,
        "contact_account": account_entity(contact, instance) if contact else None,
        "rules": [rule_entity(row) for row in facts.rules],
        "pleroma": PLEROMA,
    }


def streaming_url(instance: LocalInstance) -> str:
    """Return where WebSockets are opened: on the same host."""
    return "ws" + instance.origin.removeprefix("http")


def _configuration(config: Config, instance: LocalInstance, studio: Studio) -> Entity:
    return _limits(config, studio) | {
        "urls": {
            "streaming": streaming_url(instance),
            "status": None,
            "about": instance.origin,
            "privacy_policy": None,
            "terms_of_service": None,
        },
        "translation": {"enabled": config.translation.url is not None},
        "limited_federation": instance.limited_federation,
        "timelines_access": {
            "live_feeds": {"local": "public", "remote": "public"},
            "hashtag_feeds": {"local": "public", "remote": "public"},
            "trending_link_feeds": {"local": "public", "remote": "public"},
        },
    }


def _limits(config: Config, studio: Studio) -> Entity:
    """Return what is refused here anyway; zero says that there is no such thing."""
    return {
        "accounts": {
            "max_featured_tags": FEATURED_TAGS,
            "max_pinned_statuses": interactions.PINS,
            "max_display_name_length": accounts.NAME_LENGTH,
            "max_note_length": accounts.NOTE_LENGTH,
            "max_profile_fields": accounts.FIELDS,
            "profile_field_name_limit": accounts.FIELD_LENGTH,
            "profile_field_value_limit": accounts.FIELD_LENGTH,
            "max_avatar_description_length": accounts.DESCRIPTION_LENGTH,
            "max_header_description_length": accounts.DESCRIPTION_LENGTH,
        },
        "statuses": {
            "max_characters": statuses.CHARACTERS,
            "max_media_attachments": statuses.MEDIA,
            "characters_reserved_per_url": statuses.URL_CHARACTERS,
        },
        "media_attachments": {
            "supported_mime_types": studio.types,
            "description_limit": statuses.DESCRIPTION_CHARACTERS,
            "image_size_limit": config.media.image_limit_mb * 1_000_000,
            "image_matrix_limit": CAPS.image_pixels,
            "video_size_limit": config.media.film_limit_mb * 1_000_000 if studio.takes_films else 0,
            "video_frame_rate_limit": films.FRAME_RATE if studio.takes_films else 0,
            "video_matrix_limit": films.PIXELS if studio.takes_films else 0,
        },
        # glitch-soc's, where its apps look whether there are reactions.
        "reactions": {"max_reactions": CAPS.reactions_per_actor},
        "polls": {
            "max_options": polls.OPTIONS,
            "max_characters_per_option": polls.OPTION_CHARACTERS,
            "min_expiration": int(polls.SHORTEST.total_seconds()),
            "max_expiration": int(polls.LONGEST.total_seconds()),
        },
    }
