"""`make bench`: what one server does on this machine, beside the bare ceiling of the same loop."""

import asyncio
import json
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from activitypub.signatures.cavage import sign
from activitypub.signatures.keys import load_private_key, public_pem
from bench import reading, spread
from bench import stage as staging
from bench.activities import create
from bench.ceiling import post_bare
from bench.load import load, request
from bench.neighbours import host_of, make_key
from bench.stage import Stage, cpu_seconds, free_port, pinned, process, resident_megabytes, until_answered

RESULTS = Path(__file__).parent / "results"
HOSTS = 50
FOLLOWERS = 500
ACTIVITIES = 4_000
STARTS = 5
POSTS, WARM_UP = 40, 3  # times HOSTS shared inboxes
CONNECTIONS = 64
SERVER_CPU, LOAD_CPU = 0, 1
PATIENCE_SECONDS = 120.0
ACTIVITY = "application/activity+json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report. `ratio` is the value's share of its ceiling, `floor` the least it may be."""

    name: str
    value: float
    unit: str
    ceiling: float | None = None
    floor: float | None = None
    at_most: float | None = None

    @property
    def ratio(self) -> float | None:
        """The share of the ceiling, or None where there is none."""
        return self.value / self.ceiling if self.ceiling else None

    @property
    def promise(self) -> str:
        """What is promised of this figure, in words; empty if nothing is."""
        if self.floor is not None:
            return f"≥ {self.floor:g} of the ceiling"
        return "" if self.at_most is None else f"≤ {self.at_most:g} {self.unit}"

    @property
    def holds(self) -> bool:
        """True if the figure keeps its promise."""
        above = self.floor is None or (self.ratio or 0) >= self.floor
        return above and (self.at_most is None or self.value <= self.at_most)


def main() -> None:
    """Measure, print, keep the figures in bench/results, and exit with 1 if a promise is broken."""
    console = Console()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory(prefix="kommune-bench-") as name, Progress(console=console) as progress:
        stage = _set_up(Path(name))
        steps: list[Callable[[Stage], list[Figure]]] = [
            measure_start,
            measure_intake,
            measure_delivery,
            measure_spread,
            measure_reading,
        ]
        task = progress.add_task("Messen", total=len(steps))
        for step in steps:
            progress.update(task, description=step.__name__.replace("_", " "))
            figures += step(stage)
            progress.advance(task)
    console.print(_table(figures))
    RESULTS.mkdir(exist_ok=True)
    moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    (RESULTS / f"{moment}.json").write_text(json.dumps([asdict(figure) for figure in figures], indent=1))
    raise SystemExit(0 if all(figure.holds for figure in figures) else 1)


def _set_up(folder: Path) -> Stage:
    stage = Stage(folder, free_port(), make_key(folder), free_port())
    staging.write_config(stage)
    staging.populate(stage, hosts=HOSTS, followers=FOLLOWERS, public_pem=public_pem(load_private_key(stage.key)))
    return stage


def measure_start(stage: Stage) -> list[Figure]:
    """Return how long a start takes and how much an idle server weighs.

    Of several starts the shortest is ours; what the others took longer, the machine did for somebody else. Between
    them starts the bare server, which says how fast the machine is just now.
    """
    seconds, bare = [], []
    port = free_port()
    for _ in range(STARTS):
        with process(["-m", "bench.ceiling", str(port)], cpu=SERVER_CPU):
            bare.append(until_answered(f"http://127.0.0.1:{port}/ready"))
        with _server(stage) as server:
            seconds.append(until_answered(f"{stage.origin}/.well-known/nodeinfo"))
            if len(seconds) == STARTS:
                time.sleep(5)
            memory = resident_megabytes(server.pid)
    return [
        Figure("start", min(seconds), "s", at_most=2.0),
        Figure(f"  median of {STARTS}", median(seconds), "s"),
        Figure("  bare Quart, shortest", min(bare), "s"),
        Figure("idle memory", memory, "MB", at_most=130.0),
    ]


def measure_intake(stage: Stage) -> list[Figure]:
    """Return activities accepted and visible per second, and the ceiling: the same requests to a bare Quart."""
    requests = [_signed(stage, number) for number in range(ACTIVITIES)]
    port = free_port()
    with process(["-m", "bench.ceiling", str(port)], cpu=SERVER_CPU):
        until_answered(f"http://127.0.0.1:{port}/ready")
        bare = asyncio.run(load(("127.0.0.1", port), requests, connections=CONNECTIONS))
    with _neighbours(stage), _server(stage) as server:
        until_answered(f"{stage.origin}/.well-known/nodeinfo")
        before = cpu_seconds(server.pid)
        started = time.perf_counter()
        intake = asyncio.run(load(("127.0.0.1", stage.port), requests, connections=CONNECTIONS))
        _until_visible(stage, ACTIVITIES)
        visible = ACTIVITIES / (time.perf_counter() - started)
        cost = (cpu_seconds(server.pid) - before) / ACTIVITIES * 1_000
    if set(intake.statuses) != {202}:
        raise SystemExit(f"the server did not accept everything: {dict(intake.statuses)}")
    return [
        Figure("activities accepted", intake.rate, "/s", ceiling=bare.rate, floor=0.3),
        Figure("  p99 of an acceptance", intake.percentile(0.99), "ms"),
        Figure("activities visible in a home timeline", visible, "/s", ceiling=bare.rate),
        Figure("  processor time each", cost, "ms"),
    ]


def measure_delivery(stage: Stage) -> list[Figure]:
    """Return deliveries per second, and the ceiling: a loop that only signs and posts to the same inboxes."""
    body = json.dumps(create(stage.origin, stage.origin, 0)).encode()
    inboxes = [f"http://{host_of(number % HOSTS, stage.neighbours_port)}/inbox" for number in range(POSTS * HOSTS)]
    with _neighbours(stage):
        with pinned(SERVER_CPU):  # the same processor that the server has to itself afterwards
            bare = asyncio.run(post_bare(inboxes, body, stage.key))
        with _server(stage) as server:
            until_answered(f"{stage.origin}/.well-known/nodeinfo")
            _post_and_wait(stage, WARM_UP)
            before = cpu_seconds(server.pid)
            seconds = _post_and_wait(stage, POSTS)
            cost = (cpu_seconds(server.pid) - before) / len(inboxes) * 1_000
    return [
        Figure("deliveries", len(inboxes) / seconds, "/s", ceiling=bare, floor=0.4),
        Figure("  processor time each", cost, "ms"),
    ]


def measure_spread(_: Stage) -> list[Figure]:
    """Return how soon a post is everywhere, and how much later where some hosts hang and some refuse."""
    spreads = []
    for troubled in (False, True):
        with tempfile.TemporaryDirectory(prefix="kommune-bench-") as name:
            stage = Stage(Path(name), free_port(), make_key(Path(name)), free_port())
            pem = public_pem(load_private_key(stage.key))
            spreads.append(spread.measure(stage, troubled=troubled, cpus=(SERVER_CPU, LOAD_CPU), public_pem=pem))
    alone, among = spreads
    return [
        Figure(f"a post on {spread.HEALTHY} hosts", alone.first, "s"),
        Figure(f"  with {spread.HANGING} that hang, {spread.REFUSING} that refuse", among.first, "s"),
        Figure("  times as long", among.first / alone.first, "", at_most=1.5),
        Figure("  a second post meanwhile, alone", alone.second, "s"),
        Figure("  among those", among.second, "s"),
        Figure("  times as long", among.second / alone.second, "", at_most=1.5),
    ]


def measure_reading(_: Stage) -> list[Figure]:
    """Return how fast the pages are that apps ask for most, beside a static JSON of the same size."""
    figures = []
    with tempfile.TemporaryDirectory(prefix="kommune-bench-") as name:
        for page, read in reading.measure(_set_up(Path(name))):
            floor = page.floor if read.connections > 1 else None
            label = f"{page.name}, {read.connections} connections"
            figures += [
                Figure(label, read.rate, "/s", ceiling=read.static_rate, floor=floor),
                Figure("  p50", read.p50, "ms"),
                Figure("  p99", read.p99, "ms"),
                Figure("  made anew each time", read.anew, "/s", ceiling=read.static_rate),
                Figure("  statements each", read.statements, ""),
            ]
    return figures


@contextmanager
def _server(stage: Stage) -> Iterator[subprocess.Popen[bytes]]:
    arguments = ["-m", "fediverse_kommune", "serve", "--config", str(stage.config)]
    with process(arguments, cpu=SERVER_CPU) as running:
        yield running


@contextmanager
def _neighbours(stage: Stage) -> Iterator[None]:
    arguments = ["-m", "bench.neighbours", str(stage.folder), str(stage.neighbours_port), str(HOSTS)]
    with process(arguments, cpu=LOAD_CPU):
        until_answered(f"http://{host_of(0, stage.neighbours_port)}/users/u0")
        yield


def _signed(stage: Stage, number: int) -> bytes:
    """Return the n-th Create as the bytes of a signed request, from one of the neighbours in turn."""
    host = host_of(number % HOSTS, stage.neighbours_port)
    actor = f"http://{host}/users/u{number % FOLLOWERS}"
    body = json.dumps(create(actor, f"http://{host}/notes/{number}", number)).encode()
    headers = sign(
        "POST",
        f"{stage.origin}/inbox",
        {"Content-Type": ACTIVITY},
        body,
        key_id=f"{actor}#main-key",
        private_key=load_private_key(stage.key),
        now=datetime.now(UTC),
    )
    return request("POST", headers.pop("Host"), "/inbox", headers, body)


def _until_visible(stage: Stage, count: int) -> None:
    """Wait until so many statuses stand in Anna's home timeline."""
    _until(lambda: _number(stage, "SELECT count(*) FROM feed_entries") >= count)


def _until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(f"nothing more came within {PATIENCE_SECONDS:.0f} s")
        time.sleep(0.05)


def _number(stage: Stage, query: str) -> int:
    """Ask the server's database from outside; reading does not disturb it."""
    with closing(sqlite3.connect(f"file:{stage.folder}/kommune.db?mode=ro", uri=True)) as connection:
        number: int = connection.execute(query).fetchone()[0]
        return number


def _post_and_wait(stage: Stage, number: int) -> float:
    """Let Anna post so often through the client API, and return the seconds until everything is delivered."""
    form = b"status=Der+Wochenmarkt+beginnt+um+acht.&visibility=public"
    headers = {
        "Authorization": f"Bearer {staging.TOKEN}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    posts = [request("POST", f"127.0.0.1:{stage.port}", "/api/v1/statuses", headers, form)] * number
    started = time.perf_counter()
    posted = asyncio.run(load(("127.0.0.1", stage.port), posts, connections=4))
    if set(posted.statuses) != {200}:
        raise SystemExit(f"the posts were not taken: {dict(posted.statuses)}")
    _until(lambda: _number(stage, "SELECT count(*) FROM deliveries") == 0)
    return time.perf_counter() - started


def _table(figures: list[Figure]) -> Table:
    table = Table(title="fediverse_kommune, one server process, SQLite")
    for column in ("", "value", "ceiling", "ratio", "promise"):
        table.add_column(column, justify="left" if not column else "right")
    for figure in figures:
        promise = (
            f"≥ {figure.floor}" if figure.floor else f"≤ {figure.at_most:g} {figure.unit}" if figure.at_most else ""
        )
        mark = "" if not promise else " [green]✓[/]" if figure.holds else " [red]✗[/]"
        table.add_row(
            figure.name,
            f"{figure.value:,.2f} {figure.unit}",
            f"{figure.ceiling:,.0f}" if figure.ceiling else "",
            f"{figure.ratio:.2f}" if figure.ratio else "",
            f"{figure.promise} {mark}" if figure.promise else "",
        )
    return table


if __name__ == "__main__":
    main()
