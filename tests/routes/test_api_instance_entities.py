"""The instance, written out as apps read it. https://docs.joinmastodon.org/entities/Instance/ and V1_Instance/"""

from importlib.metadata import version
from typing import Any

from tests.client import anonymous
from tests.town import Town

PLEROMA = {"metadata": {"features": ["pleroma_emoji_reactions", "pleroma_custom_emoji_reactions"]}}
LIMITS: dict[str, Any] = {
    "accounts": {
        "max_featured_tags": 10,
        "max_pinned_statuses": 5,
        "max_display_name_length": 100,
        "max_note_length": 2000,
        "max_profile_fields": 8,
        "profile_field_name_limit": 255,
        "profile_field_value_limit": 255,
        "max_avatar_description_length": 1500,
        "max_header_description_length": 1500,
    },
    "statuses": {"max_characters": 5000, "max_media_attachments": 4, "characters_reserved_per_url": 23},
    "media_attachments": {
        "supported_mime_types": [
            "image/jpeg",
            "image/png",
            "image/gif",
            "image/webp",
            "image/avif",
            "image/heic",
            "image/heif",
            "video/mp4",
            "video/quicktime",
            "video/webm",
            "audio/mpeg",
            "audio/mp3",
            "audio/ogg",
            "audio/vorbis",
            "audio/opus",
            "audio/mp4",
            "audio/x-m4a",
            "audio/m4a",
            "audio/flac",
            "audio/wav",
            "audio/x-wav",
            "audio/wave",
        ],
        "description_limit": 1500,
        "image_size_limit": 16_000_000,
        "image_matrix_limit": 33_177_600,
        "video_size_limit": 99_000_000,
        "video_frame_rate_limit": 120,
        "video_matrix_limit": 8_294_400,
    },
    "reactions": {"max_reactions": 8},
    "polls": {
        "max_options": 4,
        "max_characters_per_option": 50,
        "min_expiration": 300,
        "max_expiration": 2_629_746,
    },
}


async def test_version_2(stadt: Town) -> None:
    shown = await anonymous(stadt).get("/api/v2/instance")
    assert shown == {
        "domain": f"{stadt.host}:{stadt.port}",
        "title": "Teststadt",
        "version": f"4.6.0 (compatible; fediverse_kommune {version('fediverse-kommune')})",
        "source_url": "https://gitlab.opencode.de/fediverse-kommune/fediverse_kommune",
        "description": "",
        "usage": {"users": {"active_month": 0}},
        "thumbnail": {
            "url": f"{stadt.origin}/static/missing/header.png",
            "blurhash": None,
            "description": "",
            "versions": {},
        },
        "icon": [],
        "languages": ["de"],
        "configuration": {
            **LIMITS,
            "urls": {
                "streaming": f"ws://{stadt.host}:{stadt.port}",
                "status": None,
                "about": stadt.origin,
                "privacy_policy": None,
                "terms_of_service": None,
            },
            "translation": {"enabled": False},
            "limited_federation": False,
            "timelines_access": {
                "live_feeds": {"local": "public", "remote": "public"},
                "hashtag_feeds": {"local": "public", "remote": "public"},
                "trending_link_feeds": {"local": "public", "remote": "public"},
            },
            "vapid": {"public_key": shown["configuration"]["vapid"]["public_key"]},
        },
        "registrations": {
            "enabled": False,
            "approval_required": False,
            "reason_required": False,
            "message": None,
            "min_age": None,
            "url": None,
        },
        "api_versions": {
            "mastodon": 10,
            "bubble_timeline.pleroma.pl-api": 1,
            "events.pleroma.pl-api": 1,
            "emoji_reactions.pleroma.pl-api": 1,
            "custom_emoji_reactions.pleroma.pl-api": 1,
        },
        "contact": {"email": "", "account": None},
        "rules": [],
        "wrapstodon": None,
        "pleroma": PLEROMA,
    }


async def test_version_1(stadt: Town) -> None:
    assert await anonymous(stadt).get("/api/v1/instance") == {
        "uri": f"{stadt.host}:{stadt.port}",
        "title": "Teststadt",
        "short_description": "",
        "description": "",
        "email": "",
        "version": f"4.6.0 (compatible; fediverse_kommune {version('fediverse-kommune')})",
        "urls": {"streaming_api": f"ws://{stadt.host}:{stadt.port}"},
        "stats": {"user_count": 0, "status_count": 0, "domain_count": 0},
        "thumbnail": f"{stadt.origin}/static/missing/header.png",
        "languages": ["de"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": LIMITS,
        "contact_account": None,
        "rules": [],
        "pleroma": PLEROMA,
    }
