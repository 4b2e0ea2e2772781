"""Handles: @anna@stadt.example, the name by which people find an actor.

A handle is taken apart by a grammar before any URL is built from it, so nothing of it can end up as a port, a
path or a query (row D11). The username grammar is Mastodon's: https://docs.joinmastodon.org/spec/webfinger/
"""

import re

from msgspec import Struct

from webfinger.host import InvalidHost, canonical_host, display_host

MAX_USERNAME_LENGTH = 255

_USERNAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?")


class InvalidHandle(ValueError):
    """The text is no handle. The message says why."""


class Handle(Struct, frozen=True):
    """A username, as its owner writes it, and a domain in canonical form."""

    username: str
    domain: str

    @property
    def acct(self) -> str:
        """The handle for machines: "a@xn--brger-kva.example"."""
        return f"{self.username}@{self.domain}"

    @property
    def uri(self) -> str:
        """The handle as the resource that WebFinger is asked for: "acct:a@stadt.example" (RFC 7565)."""
        return f"acct:{self.acct}"

    @property
    def display(self) -> str:
        """The handle for people: "@a@bürger.example"."""
        return f"@{self.username}@{display_host(self.domain)}"

    @property
    def folded(self) -> str:
        """What two handles are compared by: usernames do not differ by case anywhere in the fediverse."""
        return self.acct.lower()


def parse_handle(text: str, *, default_domain: str | None = None, test_network: bool = False) -> Handle:
    """Return the handle in "@a@b", "a@b" or "acct:a@b"; the domain may be Unicode or punycode.

    `default_domain` is the domain of a handle that names none ("@a", "a"). `test_network` allows what
    `webfinger.host.canonical_host` then allows. Raises `InvalidHandle`.
    """
    bare = text[len("acct:") :] if text[:5].lower() == "acct:" else text.removeprefix("@")
    username, at, domain = bare.partition("@")
    if not is_username(username):
        raise InvalidHandle("a username is letters, digits and _, with . and - inside, of at most 255 characters")
    if not at and default_domain is not None:
        return Handle(username, default_domain)
    try:
        return Handle(username, canonical_host(domain, test_network=test_network))
    except InvalidHost as error:
        raise InvalidHandle(f"the domain of the handle is refused: {error}") from error


def is_username(text: str) -> bool:
    """Return True if a remote username is one that we store and show; rules for local ones are stricter."""
    return len(text) <= MAX_USERNAME_LENGTH and _USERNAME.fullmatch(text) is not None
