"""Which page a post is about: the first link in its text that is neither a mention nor a hashtag nor a quote."""

from html.parser import HTMLParser

from activitypub.sanitize import SafeHTML
from activitypub.uris import InvalidUri, validated_url

# The classes by which the fediverse marks links that are no pages to read. The text form of a quote is `quote-inline`.
_MARKED = frozenset({"mention", "hashtag", "u-url"})


def first_link(content: SafeHTML, *, allow_http: bool = False) -> str | None:
    """Return the address of the first page that a post links to, without fragment; None if there is none."""
    if "<a " not in content:
        return None
    reader = _LinkReader()
    reader.feed(content)
    reader.close()
    for href in reader.links:
        try:
            return validated_url(href, allow_http=allow_http).partition("#")[0]
        except InvalidUri:
            continue
    return None


class _LinkReader(HTMLParser):
    """Collects the links of HTML that has been sanitised."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[str] = []
        self._in_quote = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        classes = set((values.get("class") or "").split())
        if tag in {"p", "span"} and "quote-inline" in classes:
            self._in_quote = True
        if tag == "a" and not self._in_quote and classes.isdisjoint(_MARKED) and values.get("href"):
            self.links.append(str(values["href"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in {"p", "span"}:
            self._in_quote = False
