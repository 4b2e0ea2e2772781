"""C05: a document that is dear to understand is refused or read at the price of its length."""

import json
import time
from typing import Any

from tests.fediverse import Remote
from tests.security.attack import repelled
from tests.town import Town

CPU_SECONDS = 0.1  # for 50 kB …
CPU_SECONDS_WHOLE = 4.0  # … and for all of the megabyte that a body may have
BYTES, ALL_BYTES = 50_000, 900_000


def costly(size: int) -> dict[str, Any]:
    """Contexts and shapes whose work could grow faster than they do, of about `size` bytes."""
    few, many = size // 60, size // 4
    chain = {f"p{number}": f"p{number + 1}:x" for number in range(few)}
    deep: dict[str, Any] = {}
    for _ in range(50):
        deep = {"@context": {"p": "http://example.org/"}, "mehr": [deep]}
    return {
        "many empty contexts": {"@context": [{}] * many},
        "many contexts": {"@context": [{f"p{number}": "http://x/"} for number in range(few)]},
        "half and half": {"@context": [{}] * (many // 2) + [chain]},
        "a chain of prefixes": {"@context": chain},
        "scoped contexts": {
            "@context": {f"p{number}": {"@id": "x:y", "@context": {"b": "c:d"}} for number in range(few)}
        },
        "contexts everywhere": {"mehr": [{"@context": {"p": "http://x/"}}] * (size // 40)},
        "deep contexts": {"mehr": [deep] * (size // 3_500)},
        "one long name": {"x" * size: 1},
        "many names": {f"n{number}": number for number in range(size // 16)},
        "many lists": {"mehr": [[]] * many},
        "many actors": {"actor": ["http://x.test/y"] * (size // 20)},
        "many objects": {"object": [{}] * many},
        "many recipients": {"to": ["http://x.test/y"] * (size // 20), "cc": [[]] * 100},
        "a long text": {"content": "<" * size, "summary": "&" * 10},
        "backslashes": {"content": "\\" * (size // 2)},
    }


async def cpu_of(stadt: Town, sender: Any, activity: dict[str, Any]) -> tuple[int, float]:
    """Return the answer's status and the CPU time that it and its effects took, signing included."""
    body = json.dumps(activity, separators=(",", ":")).encode()
    begun = time.process_time()
    status = await stadt.deliver(sender, body)
    await stadt.settle()
    return status, time.process_time() - begun


async def test_nobody_unknown_costs_more_than_his_words(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """Nothing is believed yet when a body is read: whatever it costs, anybody can make us pay it."""
    bob, mallory = nachbar.person("bob"), boese.person("mallory")
    resident = await stadt.resident("anna")
    for person in (bob, mallory):
        await stadt.meet(person)
    for size, seconds in ((BYTES, CPU_SECONDS), (ALL_BYTES, CPU_SECONDS_WHOLE)):
        async with repelled(stadt, nachbar):
            for name, shape in costly(size).items():
                forged = {**bob.activity("Follow", resident.uri), **shape}
                status, spent = await cpu_of(stadt, mallory, forged)
                assert status in (400, 401), name
                assert spent < seconds, f"{name} of {size} bytes took {spent:.3f} s"


async def test_a_known_sender_costs_little_more(stadt: Town, nachbar: Remote, boese: Remote) -> None:
    """The same documents with a signature that holds: understood, or refused, or ignored."""
    mallory, resident = boese.person("mallory"), await stadt.resident("anna")
    await stadt.meet(mallory)
    for name, shape in costly(BYTES).items():
        status, spent = await cpu_of(stadt, mallory, {**mallory.activity("Like", resident.uri), **shape})
        assert status in (202, 400, 401), name
        assert spent < 3 * CPU_SECONDS, f"{name} took {spent:.3f} s"
