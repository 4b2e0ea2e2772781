"""What of a post is translated, and what becomes of the translation. Asking the translator is `translation.py`."""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from activitypub.access import OPEN
from activitypub.models import Status
from activitypub.sanitize import SafeHTML, plain_text, sanitize
from fediverse_kommune.services.refusals import Forbidden


class Translated(Struct, frozen=True):
    """A post in another language: HTML that has passed the sanitiser (row G04), and plain text."""

    content: SafeHTML
    summary: str
    options: Sequence[str]
    descriptions: Sequence[tuple[int, str]]


def check_translatable(status: Status, target: str, languages: Mapping[str, Sequence[str]]) -> str:
    """Return the language to translate from, "" if that is not known. Raises `Forbidden`.

    `languages` are those that can be translated into, by the one that is translated from.

    What is written to few is shown to no other service, as in Mastodon.
    """
    source = (status.language or "").partition("-")[0]
    is_offered = target in languages.get(source, ()) if source else any(target in each for each in languages.values())
    if status.visibility not in OPEN or status.local_only or not is_offered:
        raise Forbidden("This action is not allowed")
    return source


def texts_of(status: Status) -> list[str]:
    """Return all texts of a post as HTML, in the order in which `translated` takes them back."""
    options = [option["title"] for option in status.poll.options] if status.poll else []
    described = [media.description for media in status.media]
    return [str(status.content), *(_as_html(text) for text in (status.summary, *options, *described))]


def translated(status: Status, texts: Sequence[str]) -> Translated:
    """Return a post as the translator gave it back; whatever that says passes the sanitiser like its original."""
    content, summary, *rest = texts
    count = len(status.poll.options) if status.poll else 0
    described = zip(status.media, rest[count:], strict=True)
    return Translated(
        content=sanitize(content),
        summary=plain_text(summary),
        options=[plain_text(text) for text in rest[:count]],
        descriptions=[(media.id, plain_text(text)) for media, text in described],
    )


def _as_html(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
