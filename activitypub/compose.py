"""What a person here writes, as HTML: paragraphs or a little Markdown, with links, mentions and hashtags.

The HTML has the shape that Mastodon gives it, because apps and servers look for that shape: `span.h-card` around
`a.u-url.mention`, `a.mention.hashtag`, and addresses whose dull parts are in `span.invisible`. Whatever comes out has
passed `sanitize` like everything else (row G04 of the threat catalogue: there is no second pipeline).

Source: https://docs.joinmastodon.org/spec/activitypub/#sanitization
"""

import re
from collections.abc import Callable, Collection, Mapping
from html import escape
from importlib import import_module
from types import MappingProxyType, ModuleType

from activitypub.marks import MentionTarget
from activitypub.sanitize import SafeHTML, sanitize

MOST_BRACKETS = 500  # Markdown needs quadratic time for them: so many cost at most some 20 ms
_BLANK_LINE = re.compile(r"\n[ \t]*\n")


NOBODY: Mapping[str, MentionTarget] = MappingProxyType({})


def compose(
    text: str,
    *,
    tag_url: Callable[[str], str],
    mentions: Mapping[str, MentionTarget] = NOBODY,
    markdown: bool = False,
    unusable: Collection[str] = (),
) -> SafeHTML:
    """Return what a person here wrote as HTML.

    `mentions` maps what `find_mentions` returned to the actors found; whoever is not in it stays plain text. `tag_url`
    gets a hashtag's key, ready for a URL; keys in `unusable` stay plain text. `markdown` allows emphasis, lists,
    quotes, code and named links; HTML stays visible as it was typed in either case.
    """
    html = _from_markdown(text) if markdown and text.count("[") <= MOST_BRACKETS else _from_text(text)
    return sanitize(_markup().linked(html, mentions=mentions, tag_url=tag_url, unusable=unusable))


def _from_markdown(text: str) -> str:
    try:
        html: str = _markup().from_markdown(text)
    except RecursionError:  # brackets or quotes nested by the thousand are no Markdown that anyone meant
        return _from_text(text)
    return html


def _from_text(text: str) -> str:
    """Return paragraphs, divided by blank lines, with line breaks."""
    paragraphs = (part.strip("\n") for part in _BLANK_LINE.split(text.replace("\r\n", "\n").strip()))
    return "".join(f"<p>{escape(part, quote=False).replace(chr(10), '<br>')}</p>" for part in paragraphs if part)


def _markup() -> ModuleType:
    return import_module("activitypub.markup")
