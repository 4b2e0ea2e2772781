"""E13: what is remembered of hosts that fail ends by itself (their rows: tests/unit/outbox/test_reachability.py)."""

from outbox.hosts import FAILURES, PAUSE_SECONDS, WITHIN_SECONDS, Hosts


def test_a_hundred_thousand_failing_hosts_are_forgotten() -> None:
    now = 0.0
    hosts = Hosts(lambda: now)
    for number in range(100_000):
        hosts.failed(f"boese.example:{number}")
    for _ in range(FAILURES):
        hosts.failed("nord.example")
    assert hosts.free()["nord.example"] == 0
    now += WITHIN_SECONDS + PAUSE_SECONDS + 1
    assert hosts.free() == {}
