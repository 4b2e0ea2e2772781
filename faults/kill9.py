"""X01: `kill -9` at random moments under mixed load, again and again. What was acknowledged and is missing afterwards?

    I1  every activity that was answered 2xx has its effect, or is in the dead letters
    I2  every post that was answered 2xx exists
    I3  nothing is shown or counted twice
    I4  every delivery came to its inbox
    I6  the database is sound, and nothing in it is half done

The server is a process of its own, as are the neighbours, who note what they are sent; this process makes the load,
notes what it was promised, and kills. A killed PostgreSQL is another experiment: here only the server dies.
"""

import asyncio
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random, SystemRandom
from subprocess import Popen
from typing import IO

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from bench.stage import Stage, cpu_seconds
from faults.ledger import Ledger
from faults.load import PROMISED, Load
from faults.server import REST_PATIENCE_SECONDS, end_leases, neighbours, serving, set_up, until_ready, until_rest
from faults.verdict import Verdict, judge
from tests.postgres import PostgresServer

KILLS = 50
LONGEST_LIFE_SECONDS = 3.0  # between ready and killed
STILLBORN = 0.1  # the share of servers that are killed while they start …
STILLBORN_SECONDS = 1.5  # … within this time
RESTART_SECONDS = 5.0  # what 95 of 100 restarts may take until the server answers
SECONDS_PER_KILL = 12.0  # beyond that something hangs
SHOWN = 20  # findings of one kind in the report
LOG = "server.log"


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do: so many kills, at moments that `seed` decides, of a server on an empty database.

    On PostgreSQL nobody knows whether another server lives, so the leases of the dead one last up to a minute; who is
    `impatient` has them ended before the last start.
    """

    folder: Path
    kills: int
    seed: int
    database_url: str = ""
    longest_life: float = LONGEST_LIFE_SECONDS
    impatient: bool = False


@dataclass(slots=True)
class Report:
    """What came of it. `restarts` are seconds from the start of a process to its first answer, and its work until then.

    The one is what people wait; the other tells a slow start from a machine that has other things to do.
    """

    stage: Stage
    kills: int = 0
    restarts: list[float] = field(default_factory=list)
    efforts: list[float] = field(default_factory=list)
    rest_seconds: float = 0.0
    answers: Counter[int] = field(default_factory=Counter)
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def holds(self) -> bool:
        """True if nothing was lost, doubled or damaged, and the server came back in time."""
        verdict = self.verdict
        return (
            not (verdict.lost or verdict.duplicated or verdict.damaged)
            and below(self.restarts, 0.95) <= RESTART_SECONDS
        )


def below(figures: Sequence[float], share: float) -> float:
    """Return the figure that this share of the figures does not exceed; 0 if there are none."""
    ordered = sorted(figures)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


async def run(plan: Plan, progress: Progress | None = None) -> Report:
    """Do what the plan says and report.

    Raises TimeoutError if it hangs, `ServerDied` if the server ends by itself, and an ExceptionGroup with `Refused` if
    it turns down what is in order.
    """
    stage = await set_up(plan.folder, plan.database_url)
    load = Load(stage, Ledger(plan.folder / PROMISED), Random(plan.seed))
    enough = asyncio.Event()
    report = Report(stage)
    with (plan.folder / LOG).open("ab") as log, neighbours(stage, log):
        async with (
            asyncio.timeout(plan.kills * SECONDS_PER_KILL + REST_PATIENCE_SECONDS),
            asyncio.TaskGroup() as tasks,
        ):
            under_load = tasks.create_task(load.run(enough))
            await _kill_repeatedly(plan, stage, report, log, progress or Progress(disable=True))
            if plan.impatient:
                end_leases(stage)
            with serving(stage, log) as server:
                await _restart(stage, server, report)
                enough.set()
                await under_load
                report.rest_seconds = await until_rest(stage)
    report.answers = load.answers
    report.verdict = judge(stage)
    return report


async def _kill_repeatedly(plan: Plan, stage: Stage, report: Report, log: IO[bytes], progress: Progress) -> None:
    """Start the server and kill it, `plan.kills` times."""
    dice = Random(plan.seed)
    for _ in progress.track(range(plan.kills), description="kill -9"):
        with serving(stage, log) as server:
            if dice.random() < STILLBORN:
                await asyncio.sleep(dice.uniform(0, STILLBORN_SECONDS))
            else:
                await _restart(stage, server, report)
                await asyncio.sleep(dice.uniform(0, plan.longest_life))
            server.kill()
            server.wait()
            report.kills += 1


async def _restart(stage: Stage, server: Popen[bytes], report: Report) -> None:
    """Wait until the server answers; measure that, unless it is the first time."""
    seconds = await until_ready(stage, server)
    if report.kills:
        report.restarts.append(seconds)
        report.efforts.append(cpu_seconds(server.pid))


# ------------------------------------------------------------------------------------------------ the command


@click.command("kill9")
@click.option("--kills", default=KILLS, show_default=True, help="How often the server is killed.")
@click.option("--seed", type=int, help="Decides the moments and the load; chosen and printed if it is not given.")
@click.option("--database", type=click.Choice(["sqlite", "postgresql"]), default="sqlite", show_default=True)
@click.option("--database-url", default="", help="An empty PostgreSQL database to use instead of one of our own.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where to keep ledgers, log and database.")
def command(kills: int, seed: int | None, database: str, database_url: str, folder: Path | None) -> None:
    """Kill a server under load again and again, and count what it had acknowledged and lost."""
    console = Console()
    seed = SystemRandom().randrange(1 << 32) if seed is None else seed
    with ExitStack() as stack:
        folder = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kommune-faults-")))
        folder.mkdir(parents=True, exist_ok=True)
        if database == "postgresql" and not database_url:
            database_url = stack.enter_context(_postgres())
        console.print(f"{kills} × kill -9 on {database}, seed {seed}")
        progress = stack.enter_context(Progress(console=console))
        report = asyncio.run(run(Plan(folder, kills, seed, database_url), progress))
    console.print(_table(report))
    for finding in _findings(report.verdict):
        console.print(finding, markup=False, highlight=False, soft_wrap=True)
    raise SystemExit(0 if report.holds else 1)


@contextmanager
def _postgres() -> Iterator[str]:
    """Start a PostgreSQL server and give the URL of an empty database on it."""
    server = PostgresServer()
    server.start()
    try:
        yield server.create_database()
    finally:
        server.stop()


def _table(report: Report) -> Table:
    verdict = report.verdict
    table = Table("", "", "expected", title="kill -9 under mixed load")
    for name, value, expected in (
        ("kills", report.kills, ""),
        ("acknowledged activities", verdict.promised, ""),
        ("  in the dead letters", verdict.dead_letters, ""),
        ("acknowledged posts", verdict.posts, ""),
        ("deliveries that arrived", verdict.deliveries, ""),
        ("lost", len(verdict.lost), "0"),
        ("duplicated", len(verdict.duplicated), "0"),
        ("damaged or half done", len(verdict.damaged), "0"),
        ("wire duplicates", f"{verdict.wire_duplicates:.2%}, {_each(verdict.repeated, report.kills)} per kill", ""),
        ("restart to ready, p50", f"{below(report.restarts, 0.5):.2f} s", ""),
        ("restart to ready, p95", f"{below(report.restarts, 0.95):.2f} s", f"≤ {RESTART_SECONDS:g} s"),
        ("restart to ready, longest", f"{below(report.restarts, 1):.2f} s", ""),
        ("  processor time of it, p50", f"{below(report.efforts, 0.5):.2f} s", ""),
        ("at rest after the last one", f"{report.rest_seconds:.2f} s", ""),
        ("answers", ", ".join(f"{status}: {count}" for status, count in sorted(report.answers.items())), ""),
    ):
        table.add_row(name, str(value), expected)
    return table


def _each(total: int, count: int) -> str:
    return f"{total / count:.1f}" if count else "0"


def _findings(verdict: Verdict) -> Iterator[str]:
    for name, findings in (("lost", verdict.lost), ("duplicated", verdict.duplicated), ("damaged", verdict.damaged)):
        yield from (f"{name}: {finding}" for finding in findings[:SHOWN])
        if len(findings) > SHOWN:
            yield f"{name}: and {len(findings) - SHOWN} more"
