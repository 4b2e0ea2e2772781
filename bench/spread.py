"""One post to 2,000 followers on 500 hosts of which every tenth hangs and every tenth refuses to be spoken to.

Run as a program (`python -m bench.spread FOLDER PORT`) it is the 400 hosts that answer and the 50 that take what comes
and say nothing; on the 50 beyond them nobody listens. It notes when something comes to whom.
"""

import asyncio
import json
import sys
import time
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench.load import load, request
from bench.neighbours import Neighbours, found, host_of, main
from bench.stage import TOKEN, Stage, populate, process, until_answered, write_config

HEALTHY, HANGING, REFUSING = 400, 50, 50  # hosts, numbered in this order
FOLLOWERS_PER_HOST = 4
MEANWHILE_SECONDS = 0.5  # between the first post and the second: those that hang have begun to
PATIENCE_SECONDS = 60.0
FORM = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/x-www-form-urlencoded"}

_arrivals: dict[str, dict[str, float]] = defaultdict(dict)


@dataclass(frozen=True, slots=True)
class Spread:
    """How many seconds after it was sent a post had reached the last healthy host: a first one, and one meanwhile."""

    first: float
    second: float


class Listener(Neighbours):
    """Notes what comes to whom; on the hosts behind the healthy ones it never answers."""

    def take(self, host: str, target: str, body: bytes) -> None:
        """Note an activity by the host it came to, and the moment, and accept it if the host is healthy."""
        if _number_of(host) < HEALTHY:
            note = json.loads(body)["object"]
            _arrivals[note["content"]].setdefault(host, time.time())
            super().take(host, target, body)

    def document(self, host: str, target: str) -> bytes:
        """Return, for each post, when each host had it; else what a neighbour answers."""
        if target == "/arrivals":
            return found({text: list(hosts.values()) for text, hosts in _arrivals.items()}, "application/json")
        return super().document(host, target)


def measure(stage: Stage, *, troubled: bool, cpus: tuple[int, int], public_pem: str) -> Spread:
    """Let Anna post twice. Without `troubled` only the healthy hosts have followers of hers.

    `cpus` are the processors of the server and of the hosts.
    """
    hosts = HEALTHY + (HANGING + REFUSING if troubled else 0)
    write_config(stage)
    populate(stage, hosts=hosts, followers=hosts * FOLLOWERS_PER_HOST, public_pem=public_pem)
    server_cpu, hosts_cpu = cpus
    serve = ["-m", "fediverse_kommune", "serve", "--config", str(stage.config)]
    with _listening(stage, hosts_cpu), process(serve, cpu=server_cpu):
        until_answered(f"{stage.origin}/.well-known/nodeinfo")
        sent = {}
        for text in ("erst", "dann"):
            sent[text] = time.time()
            _post(stage, text)
            time.sleep(MEANWHILE_SECONDS)
        return Spread(*(_until_all_have(stage, text) - moment for text, moment in sent.items()))


@contextmanager
def _listening(stage: Stage, cpu: int) -> Iterator[None]:
    with process(["-m", "bench.spread", str(stage.folder), str(stage.neighbours_port)], cpu=cpu):
        until_answered(f"http://{host_of(0, stage.neighbours_port)}/users/u0")
        yield


def _post(stage: Stage, text: str) -> None:
    post = request("POST", f"127.0.0.1:{stage.port}", "/api/v1/statuses", FORM, f"status={text}".encode())
    posted = asyncio.run(load(("127.0.0.1", stage.port), [post], connections=1))
    if set(posted.statuses) != {200}:
        raise SystemExit(f"the post was not taken: {dict(posted.statuses)}")


def _until_all_have(stage: Stage, text: str) -> float:
    """Wait until every healthy host has a post, and return when the last one got it."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        with urllib.request.urlopen(f"http://{host_of(0, stage.neighbours_port)}/arrivals", timeout=5) as answer:
            moments: list[float] = json.load(answer).get(f"<p>{text}</p>", [])
        if len(moments) == HEALTHY:
            return max(moments)
        time.sleep(0.1)
    raise SystemExit(f"only {len(moments)} of {HEALTHY} hosts had the post after {PATIENCE_SECONDS:.0f} s")


def _number_of(host: str) -> int:
    third, fourth = host.partition(":")[0].split(".")[2:]
    return int(third) * 250 + int(fourth) - 1


if __name__ == "__main__":
    folder, port = sys.argv[1:]
    asyncio.run(main(folder, port, str(HEALTHY + HANGING), Listener))
