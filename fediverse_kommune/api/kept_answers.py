"""Answers kept as they were sent, and given again while nothing that they could be made of has changed.

An app asks for the same page again and again, mostly to learn that nothing is new. What such an answer was made of is
not noted: it holds until anything at all is committed that a reader could see, and for some seconds at most, because
time passes by itself (mutes end, polls close) and an administrator's command runs in a process of its own.

Only where no other server process works on the database: elsewhere a commit of another one would go unnoticed, and an
answer could be out of date (docs/decisions/0017-answers-hold-until-the-next-commit.md).
"""

import re
from datetime import datetime, timedelta
from functools import lru_cache
from typing import NamedTuple

from msgspec import Struct

from activitypub.context import Clock
from fediverse_kommune.database import Database
from fediverse_kommune.services.filtering import Kept
from fediverse_kommune.watch import Watch

KEPT_FOR = timedelta(seconds=5)
MOST = 256  # answers, some 50 kB each

# What is written all the while and shown to nobody: the queues, their hosts, and when a token was last used.
UNSEEN = frozenset(
    {
        *("inbox_items", "deliveries", "delivery_lanes", "outgoing_activities", "instances", "tombstones", "mails"),
        *("media_jobs", "push_messages", "oauth_tokens", "oauth_codes", "web_sessions", "idempotency_keys"),
        *("server_keys", "actor_keys", "audit_entries", "search_index", "search_revisions"),
        *("backfills", "followers_checks", "delivery_days", "refused_arrivals"),
    }
)
_WRITTEN = re.compile(r"\s*(?:INSERT\s+INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)\"?", re.IGNORECASE)
_CHANGES_NOTHING = re.compile(r"\s*(?:SELECT|PRAGMA|BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE)\b", re.IGNORECASE)


class Asked(NamedTuple):
    """What tells answers apart: whose token, and the address with its query as they were sent."""

    token_id: int | None
    target: bytes


class _KeptAnswer(Struct, frozen=True):
    body: bytes
    headers: dict[str, str]
    generation: int
    until: datetime


class KeptAnswers:
    """The answers given last."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self._clock = clock
        self._watch = Watch(db.engine, is_seen) if db.is_exclusive else None
        self._kept: Kept[Asked, _KeptAnswer] = Kept(MOST)

    @property
    def generation(self) -> int | None:
        """A number that is another one after each commit that readers could see; None if nothing is to be kept."""
        return self._watch.generation if self._watch else None

    def recall(self, asked: Asked) -> tuple[bytes, dict[str, str]] | None:
        """Return body and headers of the same answer given before, if it still holds."""
        kept = self._kept.get(asked)
        if kept is None or kept.generation != self.generation or self._clock() >= kept.until:
            return None
        return kept.body, kept.headers

    def keep(self, asked: Asked, body: bytes, headers: dict[str, str], generation: int) -> None:
        """Keep an answer that was begun at this generation."""
        if generation == self.generation:
            self._kept.put(asked, _KeptAnswer(body, headers, generation, self._clock() + KEPT_FOR))


@lru_cache(maxsize=2_048)
def is_seen(statement: str) -> bool:
    """Return True for a statement that changes something which a reader could see; in doubt it does."""
    if _CHANGES_NOTHING.match(statement):
        return False
    written = _WRITTEN.match(statement)
    return written is None or written[1].lower() not in UNSEEN
