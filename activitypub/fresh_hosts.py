"""How many new servers below one domain we get to know at once (row E12).

Who owns a domain has as many names below it as they like, and a server of their own behind each. Those that are known
are not held up, nor is the domain itself: only new names below it are counted, and what is over can come again later.
"""

from collections import deque

from activitypub.caps import CAPS, Caps
from activitypub.kept import Remembered

DOMAINS_REMEMBERED = 10_000

# What registries put between a country and the names that they give away: "example.co.uk" is one name, "co.uk" none.
_SECOND_LEVEL = frozenset({"ac", "co", "com", "edu", "go", "gob", "gov", "gv", "mil", "ne", "net", "nom", "or", "org"})


class FreshHosts:
    """Counts new hosts by the domain that somebody registered, in memory: a restart begins anew."""

    def __init__(self, caps: Caps = CAPS) -> None:
        self._caps = caps
        self._seen: Remembered[deque[tuple[float, str]]] = Remembered(DOMAINS_REMEMBERED)

    def admit(self, host: str, now: float) -> bool:
        """Say whether a host that is not known yet may be asked at `now` (seconds of any clock)."""
        domain = registrable_domain(host)
        if domain == host.partition(":")[0]:
            return True
        seen = self._seen.setdefault(domain, deque())
        while seen and now - seen[0][0] > self._caps.fresh_subdomains_seconds:
            seen.popleft()
        if any(known == host for _, known in seen):
            return True
        if len(seen) >= self._caps.fresh_subdomains:
            return False
        seen.append((now, host))
        self._seen[domain] = seen
        return True


def registrable_domain(host: str) -> str:
    """Return the domain that somebody had to register to have this host: a guess that errs towards fewer domains.

    The list of all public suffixes has ten thousand entries and changes every week; two labels, or three below a
    country's "co" and the like, are what it says of nearly all hosts that there are. An address is a domain itself.
    """
    name = host.partition(":")[0]
    labels = name.split(".")
    if host.startswith("[") or labels[-1].isdigit():
        return name
    kept = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 2
    return ".".join(labels[-kept:])
