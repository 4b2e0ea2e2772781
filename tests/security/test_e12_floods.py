"""E12: whoever owns a domain has as many names below it as they like; of new ones a few at once are got to know."""

from activitypub.caps import CAPS
from activitypub.fresh_hosts import FreshHosts
from tests.fediverse import Remote
from tests.town import Town


async def test_new_servers_below_one_domain_come_in_small_numbers(stadt: Town, boese: Remote) -> None:
    anna = await stadt.resident("anna")
    answers = []
    for number in range(14):
        place = Remote(f"n{number}.boese.test")
        runner = await place.serve()
        mallory = place.person("mallory")
        answers.append(await stadt.deliver(mallory, mallory.activity("Follow", anna.uri)))
        if answers[-1] == 503:
            assert place.requested == []
        await runner.cleanup()
    assert answers == [202] * 10 + [503] * 4


def test_ten_thousand_new_names_are_ten() -> None:
    """The rules one by one: tests/unit/activitypub/test_fresh_hosts.py."""
    hosts = FreshHosts()
    admitted = [hosts.admit(f"n{number}.x{number % 7}.boese.example", number / 1_000) for number in range(10_000)]
    assert sum(admitted) == CAPS.fresh_subdomains
    assert admitted[: CAPS.fresh_subdomains] == [True] * CAPS.fresh_subdomains
    assert hosts.admit("nachbar.example", 10.0)
