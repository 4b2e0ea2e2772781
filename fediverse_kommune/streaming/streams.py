"""The streams an app can ask for, what each is made of, and which scope opens it.

https://docs.joinmastodon.org/methods/streaming/#streams
"""

from collections.abc import Collection
from typing import NamedTuple

from msgspec import Struct

from activitypub.hashtags import hashtag_key
from fediverse_kommune.services.scopes import covers

# How many characters of a hashtag or an id are looked at: names of streams come back in every message.
ARGUMENT_CHARACTERS = 255


class Channel(NamedTuple):
    """What is listened to inside the server, each actor by itself: lines and notifications come apart here."""

    name: str
    argument: str = ""


HOME, NOTIFICATIONS, DIRECT = Channel("home"), Channel("notifications"), Channel("direct")

PUBLIC = frozenset(f"public{place}{kind}" for place in ("", ":local", ":remote") for kind in ("", ":media"))
HASHTAG = frozenset({"hashtag", "hashtag:local"})
NAMES = PUBLIC | HASHTAG | {"user", "user:notification", "list", "direct"}

READ_STATUSES, READ_NOTIFICATIONS = "read:statuses", "read:notifications"


class StreamRefused(Exception):
    """A stream that is not opened: `status` and `message` go to the app."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Stream(Struct, frozen=True):
    """A stream by its name; `argument` is the hashtag or the id of the list, as the app wrote it."""

    name: str
    argument: str = ""

    @property
    def label(self) -> list[str]:
        """Return what a message says about where it comes from."""
        return [self.name, self.argument] if self.argument else [self.name]

    def channels(self, scopes: Collection[str]) -> list[Channel]:
        """Return what it is made of for an app with these scopes. Raises `StreamRefused` if they do not open it."""
        needed = READ_NOTIFICATIONS if self.name == "user:notification" else READ_STATUSES
        if not covers(scopes, needed):
            raise StreamRefused(401, "Access token does not have the required scopes")
        match self.name:
            case "user":
                return [HOME, NOTIFICATIONS] if covers(scopes, READ_NOTIFICATIONS) else [HOME]
            case "user:notification":
                return [NOTIFICATIONS]
            case "hashtag" | "hashtag:local":
                return [Channel(self.name, hashtag_key(self.argument.lstrip("#")))]
            case _:
                return [Channel(self.name, self.argument)]


def find_stream(name: str | None, *, tag: str | None = None, list_id: str | None = None) -> Stream:
    """Return the stream that is asked for. Raises `StreamRefused` if there is none, or it lacks its argument."""
    if name not in NAMES:
        raise StreamRefused(400, "Unknown stream type")
    if name in HASHTAG:
        return Stream(name, _argument(tag, "Missing tag name parameter"))
    if name == "list":
        return Stream(name, _argument(list_id, "Missing list name parameter"))
    return Stream(name)


def _argument(value: str | None, complaint: str) -> str:
    if not value or len(value) > ARGUMENT_CHARACTERS:
        raise StreamRefused(400, complaint)
    return value
