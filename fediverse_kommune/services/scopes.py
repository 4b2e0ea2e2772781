"""OAuth scopes: which there are, and which one covers which. https://docs.joinmastodon.org/api/oauth-scopes/"""

from collections.abc import Iterable

from fediverse_kommune.services.refusals import Invalid

READ = (
    *("accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows", "lists", "mutes"),
    *("notifications", "search", "statuses"),
)
WRITE = (
    *("accounts", "blocks", "bookmarks", "collections", "conversations", "favourites", "filters", "follows"),
    *("lists", "media", "mutes", "notifications", "reports", "statuses"),
)

ADMIN = (
    *("accounts", "canonical_email_blocks", "domain_allows", "domain_blocks", "email_domain_blocks", "ip_blocks"),
    "reports",
)

SCOPES: tuple[str, ...] = (
    *("profile", "read", "write", "follow", "push"),
    *(f"read:{part}" for part in READ),
    *(f"write:{part}" for part in WRITE),
    *("admin:read", "admin:write"),
    *(f"admin:read:{part}" for part in ADMIN),
    *(f"admin:write:{part}" for part in ADMIN),
)
"""Every scope an app can ask for."""

DEFAULT = "read"

# What the old scope `follow` stands for.
FOLLOW = frozenset(f"{kind}:{part}" for kind in ("read", "write") for part in ("blocks", "follows", "mutes"))


def parse_scopes(text: str) -> frozenset[str]:
    """Return the scopes named in `text`, separated by blanks (or by pluses that nobody decoded).

    Raises `Invalid` for one that does not exist.
    """
    named = frozenset(text.replace("+", " ").split()) or frozenset({DEFAULT})
    unknown = sorted(named - set(SCOPES))
    if unknown:
        raise Invalid(f"There is no scope {unknown[0]!r}.")
    return named


def covers(granted: Iterable[str], needed: str) -> bool:
    """True if one of the granted scopes opens what needs `needed`: itself, the whole of its kind, or `follow`."""
    kind, colon, _ = needed.rpartition(":")  # "admin:read" opens "admin:read:accounts", and "read" does not
    opening = {needed, kind} if colon else {needed}
    if needed in FOLLOW:
        opening.add("follow")
    return not opening.isdisjoint(granted)


def is_within(asked: Iterable[str], allowed: Iterable[str]) -> bool:
    """True if an app that registered for `allowed` may be given all of `asked`."""
    allowed = frozenset(allowed)
    return all(covers(allowed, scope) for scope in asked)


def in_order(scopes: Iterable[str]) -> list[str]:
    """Return scopes in the order of `SCOPES`, so that the same set always reads the same."""
    return sorted(scopes, key=SCOPES.index)
