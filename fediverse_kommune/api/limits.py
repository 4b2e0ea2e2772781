"""How often one may ask: budgets per app, person and network, and the headers that tell an app what is left of them.

Counting is done by the library `limits`, in the memory of each process. A token that is not valid spends the budget of
the network it comes from, so guessing tokens is no way around.

Source: https://docs.joinmastodon.org/api/rate-limits/
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from functools import lru_cache
from ipaddress import ip_address

from limits import RateLimitItem, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from msgspec import Struct

from activitypub.addresses import household
from fediverse_kommune.config import LimitsConfig


class Budget(StrEnum):
    """What is counted."""

    REQUESTS = "requests"  # of one app or, without a token, of one network
    ALL_REQUESTS = "all requests"  # of one person with all their apps
    UPLOADS = "uploads"
    DELETIONS = "deletions"
    EXPORTS = "exports"
    SIGN_UPS = "sign-ups"


class Allowance(Struct, frozen=True):
    """What is left of a budget. `resets_at` is in UTC."""

    limit: int
    remaining: int
    resets_at: datetime
    exceeded: bool

    def headers(self) -> Mapping[str, str]:
        """Return what Mastodon's clients read."""
        moment = self.resets_at.isoformat(timespec="microseconds").replace("+00:00", "Z")
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(self.remaining),
            "X-RateLimit-Reset": moment,
        }

    def refusal_headers(self, now: datetime) -> Mapping[str, str]:
        """Return the same and the seconds after which asking again makes sense."""
        return {**self.headers(), "Retry-After": str(max(1, round((self.resets_at - now).total_seconds())))}


class Limiter:
    """Counts requests in fixed windows."""

    def __init__(self, config: LimitsConfig) -> None:
        self._counter = FixedWindowRateLimiter(MemoryStorage())
        self._items: Mapping[Budget, RateLimitItem] = {
            Budget.REQUESTS: RateLimitItemPerMinute(config.requests, 5),
            Budget.ALL_REQUESTS: RateLimitItemPerMinute(5 * config.requests, 5),
            Budget.UPLOADS: RateLimitItemPerMinute(config.uploads, 30),
            Budget.DELETIONS: RateLimitItemPerMinute(config.deletions, 30),
            Budget.EXPORTS: RateLimitItemPerMinute(config.exports, 30),
            Budget.SIGN_UPS: RateLimitItemPerMinute(config.sign_ups, 30),
        }

    async def spend(self, charges: Iterable[tuple[Budget, str]]) -> Allowance:
        """Count one request against each (budget, whose), and return the allowance of which least is left."""
        found = [await self._spend(budget, whose) for budget, whose in charges]
        return min(found, key=lambda allowance: (not allowance.exceeded, allowance.remaining))

    async def _spend(self, budget: Budget, whose: str) -> Allowance:
        item = self._items[budget]
        within = await self._counter.hit(item, budget, whose)
        window = await self._counter.get_window_stats(item, budget, whose)
        resets_at = datetime.fromtimestamp(window.reset_time, UTC)
        return Allowance(item.amount, max(0, window.remaining), resets_at, exceeded=not within)


@lru_cache(maxsize=4_096)
def network_of(address: str | None) -> str:
    """Return whom an address stands for: itself, or with IPv6 the network of a household."""
    if not address:
        return "unknown"
    return household(ip_address(address))
