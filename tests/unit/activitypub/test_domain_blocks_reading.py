"""The list of blocked domains is read once for all who ask at the same time, and never out of date after a decision."""

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from activitypub.domain_blocks import DomainBlocks, Policy
from activitypub.models import Severity
from tests.unit.api.rows import INSTANCE


class Slow:
    """A database whose readings end when the test says so."""

    def __init__(self) -> None:
        self.answers: list[asyncio.Future[Policy]] = []

    async def read(self, _work: Callable[..., Any], *_: Any) -> Policy:
        answer = asyncio.get_running_loop().create_future()
        self.answers.append(answer)
        return await answer

    async def asked(self, times: int) -> None:
        while len(self.answers) < times:
            await asyncio.sleep(0)


async def test_a_hundred_who_ask_at_once_cause_one_reading() -> None:
    db = Slow()
    blocks = DomainBlocks(db, INSTANCE)  # type: ignore[arg-type]
    asking = [asyncio.create_task(blocks.is_suspended("boese.test")) for _ in range(100)]
    await db.asked(1)
    db.answers[0].set_result(Policy({"boese.test": Severity.SUSPEND}))
    assert await asyncio.gather(*asking) == [True] * 100
    assert len(db.answers) == 1


async def test_a_decision_made_during_a_reading_holds_at_once() -> None:
    db = Slow()
    blocks = DomainBlocks(db, INSTANCE)  # type: ignore[arg-type]
    asking = asyncio.create_task(blocks.is_suspended("boese.test"))
    await db.asked(1)
    blocks.forget()
    db.answers[0].set_result(Policy())
    await db.asked(2)
    db.answers[1].set_result(Policy({"boese.test": Severity.SUSPEND}))
    assert await asking is True


async def test_a_reading_that_fails_is_tried_again_at_the_next_question() -> None:
    db = Slow()
    blocks = DomainBlocks(db, INSTANCE)  # type: ignore[arg-type]
    asking = asyncio.create_task(blocks.is_suspended("boese.test"))
    await db.asked(1)
    db.answers[0].set_exception(OSError("away"))
    with pytest.raises(OSError, match="away"):
        await asking
    again = asyncio.create_task(blocks.is_suspended("boese.test"))
    await db.asked(2)
    db.answers[1].set_result(Policy())
    assert await again is False


@pytest.mark.parametrize(
    ("blocked", "allowed", "host", "severity"),
    [
        ({"example.org": Severity.SUSPEND}, [], "a.b.example.org", Severity.SUSPEND),
        ({"example.org": Severity.SUSPEND}, [], "notexample.org", None),
        ({"example.org": Severity.SUSPEND}, ["a.example.org"], "a.example.org", None),
        ({"example.org": Severity.SUSPEND}, ["a.example.org"], "b.a.example.org:8443", None),
        ({"example.org": Severity.SUSPEND}, ["a.example.org"], "b.example.org", Severity.SUSPEND),
        ({"a.example.org": Severity.SUSPEND}, ["example.org"], "a.example.org", Severity.SUSPEND),
        ({"example.org": Severity.SUSPEND}, ["example.org"], "example.org", Severity.SUSPEND),
        ({"org": Severity.SUSPEND, "a.example.org": Severity.SILENCE}, [], "a.example.org", Severity.SUSPEND),
        ({"org": Severity.SUSPEND, "a.example.org": Severity.SILENCE}, ["example.org"], "a.example.org", "silence"),
    ],
)
@pytest.mark.parametrize("only_allowed", [False, True])
def test_of_two_decisions_the_longer_name_counts(
    blocked: dict[str, Severity], allowed: list[str], host: str, severity: Severity | None, *, only_allowed: bool
) -> None:
    policy = Policy(blocked, frozenset(allowed), only_allowed=only_allowed)
    outside = only_allowed and not allowed
    assert policy.severity(host) == (Severity.SUSPEND if outside else severity)


def test_with_an_allowlist_nobody_is_welcome_who_is_not_on_it() -> None:
    policy = Policy({}, frozenset({"kreis.example"}), only_allowed=True)
    assert [policy.severity(host) for host in ("kreis.example", "a.kreis.example", "example", "andere.example")] == [
        None,
        None,
        Severity.SUSPEND,
        Severity.SUSPEND,
    ]
