"""The circuit breaker and its neighbours, on a clock that tests set."""

import pytest

from outbox.hosts import FAILURES, LANES_PER_HOST, PAUSE_SECONDS, SLOW_FOR_SECONDS, WITHIN_SECONDS, Hosts

NORD = "nord.example"


class Seconds:
    def __init__(self) -> None:
        self.now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def hosts(seconds: Seconds) -> Hosts:
    return Hosts(seconds)


def free(hosts: Hosts, host: str = NORD) -> int:
    return hosts.free().get(host, LANES_PER_HOST)


def fail(hosts: Hosts, times: int) -> None:
    for _ in range(times):
        hosts.failed(NORD)


def test_a_host_gets_four_lanes_at_once(hosts: Hosts) -> None:
    for left in (3, 2, 1, 0):
        hosts.enter(NORD)
        assert free(hosts) == left
    hosts.leave(NORD)
    assert free(hosts) == 1
    assert free(hosts, "sued.example") == 4


def test_ten_failures_within_a_minute_open_the_breaker(hosts: Hosts, seconds: Seconds) -> None:
    fail(hosts, FAILURES - 1)
    assert free(hosts) == 4
    fail(hosts, 1)
    assert free(hosts) == 0
    assert free(hosts, "sued.example") == 4


def test_ten_failures_in_a_longer_time_do_not(hosts: Hosts, seconds: Seconds) -> None:
    for _ in range(3 * FAILURES):
        fail(hosts, 1)
        seconds.now += WITHIN_SECONDS / (FAILURES - 2)
    assert free(hosts) == 4


def test_an_answer_in_between_starts_the_count_anew(hosts: Hosts) -> None:
    fail(hosts, FAILURES - 1)
    hosts.answered(NORD, 0.1)
    fail(hosts, FAILURES - 1)
    assert free(hosts) == 4


def test_after_the_pause_one_lane_may_probe(hosts: Hosts, seconds: Seconds) -> None:
    fail(hosts, FAILURES)
    seconds.now += PAUSE_SECONDS - 1
    assert free(hosts) == 0
    seconds.now += 1
    assert free(hosts) == 1
    hosts.enter(NORD)
    assert free(hosts) == 0


def test_a_probe_that_fails_opens_it_again(hosts: Hosts, seconds: Seconds) -> None:
    fail(hosts, FAILURES)
    seconds.now += PAUSE_SECONDS
    fail(hosts, 1)
    assert free(hosts) == 0
    seconds.now += PAUSE_SECONDS
    assert free(hosts) == 1


def test_a_probe_that_arrives_closes_it(hosts: Hosts, seconds: Seconds) -> None:
    fail(hosts, FAILURES)
    seconds.now += PAUSE_SECONDS
    hosts.answered(NORD, 0.1)
    assert free(hosts) == 4


def test_a_slow_answer_marks_a_host_until_a_quick_one(hosts: Hosts, seconds: Seconds) -> None:
    hosts.answered(NORD, 8.0)
    assert hosts.slow() == {NORD}
    hosts.answered(NORD, 0.1)
    assert hosts.slow() == set()
    hosts.answered(NORD, 8.0)
    seconds.now += SLOW_FOR_SECONDS
    assert hosts.slow() == set()


def test_only_what_goes_on_is_remembered(hosts: Hosts, seconds: Seconds) -> None:
    for number in range(1_000):
        hosts.enter(f"{number}.example")
        hosts.failed(f"{number}.example")
        hosts.leave(f"{number}.example")
    hosts.enter(NORD)
    assert len(hosts.free()) == 1_001
    seconds.now += WITHIN_SECONDS + PAUSE_SECONDS + 1
    assert hosts.free() == {NORD: 3}
