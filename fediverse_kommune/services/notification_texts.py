"""Notifications in words: the title of a push message, and what an app shows that does not know a kind.

https://docs.joinmastodon.org/entities/NotificationFallback/
"""

from fediverse_kommune.catalogues import sentence, translated
from fediverse_kommune.models import NotificationType

TITLES = {
    NotificationType.MENTION: sentence("%(name)s mentioned you"),
    NotificationType.STATUS: sentence("%(name)s wrote something new"),
    NotificationType.REBLOG: sentence("%(name)s shared your post"),
    NotificationType.FOLLOW: sentence("%(name)s follows you now"),
    NotificationType.FOLLOW_REQUEST: sentence("%(name)s asks to follow you"),
    NotificationType.FAVOURITE: sentence("%(name)s likes your post"),
    NotificationType.UPDATE: sentence("%(name)s changed a post"),
    NotificationType.POLL: sentence("A poll of %(name)s has ended"),
    NotificationType.QUOTE: sentence("%(name)s quoted your post"),
    NotificationType.QUOTED_UPDATE: sentence("%(name)s changed a post that you quoted"),
    NotificationType.ADMIN_SIGN_UP: sentence("%(name)s has signed up"),
    NotificationType.ADMIN_REPORT: sentence("%(name)s has reported something"),
    NotificationType.MODERATION_WARNING: sentence("The moderators have written to you"),
    NotificationType.SEVERED_RELATIONSHIPS: sentence("The moderators have ended some of your follows"),
    NotificationType.ADDED_TO_COLLECTION: sentence("%(name)s added you to a collection"),
    NotificationType.COLLECTION_UPDATE: sentence("%(name)s changed a collection that you are in"),
    NotificationType.PENDING_FAVOURITE: sentence("%(name)s asks to like your post"),
    NotificationType.PENDING_REPLY: sentence("%(name)s asks to answer your post"),
    NotificationType.PENDING_REBLOG: sentence("%(name)s asks to share your post"),
    NotificationType.PENDING_QUOTE: sentence("%(name)s asks to quote your post"),
    NotificationType.PARTICIPATION_REQUEST: sentence("%(name)s would like to come to your event"),
    NotificationType.PARTICIPATION_ACCEPTED: sentence("%(name)s has confirmed that you take part in an event"),
    NotificationType.PARTICIPATION_REJECTED: sentence("%(name)s has declined that you take part in an event"),
    NotificationType.EVENT_INVITATION: sentence("%(name)s invites you to an event"),
    NotificationType.EMOJI_REACTION: sentence("%(name)s reacts to your post"),
}

PENDING = frozenset(
    {
        NotificationType.PENDING_FAVOURITE,
        NotificationType.PENDING_REPLY,
        NotificationType.PENDING_REBLOG,
        NotificationType.PENDING_QUOTE,
    }
)
"""What waits for the receiver's consent."""

# Kinds that came late or to few apps. For the others there is nothing that an app could not show itself.
WITH_FALLBACK = PENDING | frozenset(
    {
        NotificationType.QUOTE,
        NotificationType.QUOTED_UPDATE,
        NotificationType.ADMIN_SIGN_UP,
        NotificationType.ADMIN_REPORT,
        NotificationType.MODERATION_WARNING,
        NotificationType.SEVERED_RELATIONSHIPS,
        NotificationType.ADDED_TO_COLLECTION,
        NotificationType.COLLECTION_UPDATE,
        NotificationType.PARTICIPATION_REQUEST,
        NotificationType.PARTICIPATION_ACCEPTED,
        NotificationType.PARTICIPATION_REJECTED,
        NotificationType.EVENT_INVITATION,
        NotificationType.EMOJI_REACTION,
    }
)
SUMMARY = sentence("This app cannot show this notification in full. Perhaps there is a newer one.")
PENDING_SUMMARY = sentence(
    "Until you allow it, nobody else sees it. You can decide in an app that shows such requests."
)

NAME_LENGTH = 60  # characters of a name in a title


def title(kind: NotificationType, name: str, locale: str) -> str:
    """Return in one sentence what has happened; `name` is who did it."""
    shown = name if len(name) <= NAME_LENGTH else name[: NAME_LENGTH - 1] + "…"
    return translated(TITLES[kind], locale) % {"name": shown}


def summary(kind: NotificationType, locale: str) -> str:
    """Return what to tell somebody whose app does not know a kind of notification."""
    return translated(PENDING_SUMMARY if kind in PENDING else SUMMARY, locale)
