"""What a handler is given, and what it gives back.

A handler does its network part first (async: fetch a parent, resolve an announced status) and returns the one
unit of work that makes the activity true. The worker runs that unit together with the note that the activity is
done, so an activity takes effect exactly once, wherever the process dies.
"""

from collections.abc import Awaitable, Callable

from msgspec import Struct, field

from activitypub.fetch import FetchBudget
from activitypub.models import Actor
from activitypub.resolver import Resolver
from activitypub.unit import Unit
from activitypub.vocabulary import Activity

Effect = Callable[[Unit], None]


class Arrival(Struct, frozen=True):
    """The circumstances of one activity. `body` are its verified bytes, for passing them on."""

    resolver: Resolver
    body: bytes
    recipient_id: int | None = None
    budget: FetchBudget = field(default_factory=FetchBudget)

    @property
    def test_network(self) -> bool:
        """True where plain HTTP ids are allowed."""
        return self.resolver.ctx.instance.test_network


class Ignored(Struct, frozen=True):
    """The activity has no effect here; `reason` is for the log."""

    reason: str


Handler = Callable[[Arrival, Activity, Actor], Awaitable[Effect | Ignored]]


def nothing(_: Unit) -> None:
    """The effect of an activity whose work is done already."""
