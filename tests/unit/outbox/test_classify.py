"""What each answer means for a delivery: one row per answer."""

from datetime import UTC, datetime, timedelta

import pytest
from multidict import CIMultiDict

from activitypub.http import EgressError, Refused, Response, TooManyRedirects, Unreachable
from outbox.delivery import Delivered, GiveUp, Outcome, RetryAt, classify

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def answered(status: int, body: bytes = b"", **headers: str) -> Response:
    fields = CIMultiDict({name.replace("_", "-"): value for name, value in headers.items()})
    return Response("https://nord.example/inbox", status, fields, body)


def judge(answer: Response | EgressError, *, attempts: int = 0, failures: int = 0) -> Outcome:
    return classify(answer, attempts=attempts, failures=failures, now=NOW, dice=lambda: 0.0)


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
def test_any_success_is_a_delivery(status: int) -> None:
    assert judge(answered(status)) == Delivered()


@pytest.mark.parametrize("status", [400, 402, 403, 404, 405, 406, 409, 410, 413, 415, 418, 422, 451, 499, 501])
def test_what_will_be_the_same_tomorrow_is_given_up(status: int) -> None:
    assert judge(answered(status)) == GiveUp(str(status))


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 401, 408, 425, 429, 500, 502, 503, 504, 507, 520, 599])
def test_what_may_pass_is_tried_again(status: int) -> None:
    outcome = judge(answered(status))
    assert isinstance(outcome, RetryAt)
    assert outcome.when == NOW + timedelta(seconds=15)


@pytest.mark.parametrize(("attempts", "kind"), [(0, RetryAt), (3, RetryAt), (4, GiveUp), (10, GiveUp)])
def test_unauthorised_is_tried_five_times(attempts: int, kind: type) -> None:
    assert isinstance(judge(answered(401), attempts=attempts), kind)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(Unreachable("away"), RetryAt), (Refused("inside"), GiveUp), (TooManyRedirects("round"), GiveUp)],
)
def test_a_server_that_is_away_may_return_and_a_refused_address_never(error: EgressError, kind: type) -> None:
    outcome = judge(error)
    assert isinstance(outcome, kind)
    assert getattr(outcome, "reason", None) == str(error)


def test_failures_in_a_row_make_the_pause_grow() -> None:
    waits = []
    for failures in range(12):
        outcome = judge(answered(500), failures=failures)
        assert isinstance(outcome, RetryAt)
        waits.append((outcome.when - NOW) / timedelta(seconds=15))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 1440]


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize(
    ("header", "seconds"),
    [("300", 300), ("1", 15), ("Mon, 23 Nov 2026 13:00:00 GMT", 3600), ("99999999", 86_400), ("never", 15)],
)
def test_retry_after_makes_the_pause_longer_and_never_shorter(status: int, header: str, seconds: int) -> None:
    outcome = judge(answered(status, Retry_After=header))
    assert isinstance(outcome, RetryAt)
    assert outcome.when == NOW + timedelta(seconds=seconds)


def test_only_these_two_can_ask_for_a_pause() -> None:
    outcome = judge(answered(500, Retry_After="3600"))
    assert isinstance(outcome, RetryAt)
    assert outcome.when == NOW + timedelta(seconds=15)


@pytest.mark.parametrize(
    ("status", "turned_down"), [(500, True), (401, True), (429, False), (503, False), (502, False)]
)
def test_an_activity_is_only_suspected_where_the_server_looked_at_it(status: int, turned_down: bool) -> None:
    outcome = judge(answered(status))
    assert isinstance(outcome, RetryAt)
    assert outcome.turned_down is turned_down


def test_what_the_server_said_is_kept_as_one_short_line() -> None:
    outcome = judge(answered(403, b"no\x00t\r\nyou \xff\xe4" + b"x" * 5_000))
    assert isinstance(outcome, GiveUp)
    assert outcome.reason.startswith("403 no t  you ��x")
    assert len(outcome.reason) == 200
    assert outcome.reason.isprintable()
