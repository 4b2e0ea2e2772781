"""Take every guard away once, and see that its test notices: the guard-kill ratio.

A test that never failed counts as not written. Each guard in `faults/guard_tables` names a row of the threat catalogue,
a change that takes the guard of that row away, and the test file that must turn red. The changes are made in copies of
the tree in a temporary folder; the tree itself is never touched.
"""

import asyncio
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from enum import Enum
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from faults.guard_tables import GUARDS
from faults.guard_tables.guard import Edit, Guard

ROOT = Path(__file__).parent.parent
COPIES = 2
TEST_SECONDS = 60  # how long one test may take: a guard against hanging, taken away, makes tests hang
FILE_SECONDS = 300
_FAILED = re.compile(r"\b[1-9]\d* failed\b")


class Verdict(Enum):
    """What came of one guard."""

    KILLED = "killed"
    SURVIVED = "survived"
    NOT_FOUND = "text not found"
    NOT_GREEN = "red before"
    BROKEN = "nothing ran"


class Tree:
    """A copy of the tree, in which one change is made at a time."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def make(self) -> None:
        """Copy what git knows of, and what it would not ignore."""
        listed = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
            cwd=ROOT,
            capture_output=True,
            check=True,
        )
        for name in filter(None, listed.stdout.decode().split("\0")):
            if (ROOT / name).is_file():
                target = self.folder / name
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)

    async def judge(self, guard: Guard) -> Verdict:
        """Make the change, run the test, take the change back."""
        before = {edit.file: (self.folder / edit.file).read_text("utf-8") for edit in guard.edits}
        after = changed(before, guard.edits)
        if after is None:
            return Verdict.NOT_FOUND
        try:
            self._write(after)
            status, output = await self.run(guard)
        finally:
            self._write(before)
        if status == 0:
            return Verdict.SURVIVED
        return Verdict.KILLED if status == 1 and _FAILED.search(output) else Verdict.BROKEN

    async def run(self, guard: Guard) -> tuple[int, str]:
        """Run a guard's test on SQLite, to its first failure; return pytest's exit code and the end of its output."""
        expression = f"not postgresql and ({guard.only})" if guard.only else "not postgresql"
        options = ["-x", "-q", "--tb=no", "-p", "no:cacheprovider", "-p", "no:xdist", "--timeout", str(TEST_SECONDS)]
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pytest", guard.test, "-k", expression, *options),
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        try:
            async with asyncio.timeout(FILE_SECONDS):
                output, _ = await process.communicate()
        except TimeoutError:
            process.kill()
            await process.wait()
            return 1, "1 failed: it did not end"
        return process.returncode or 0, output.decode(errors="replace")[-2_000:]

    def _write(self, texts: dict[str, str]) -> None:
        for name, text in texts.items():
            (self.folder / name).write_text(text, "utf-8")


def changed(texts: dict[str, str], edits: Iterable[Edit]) -> dict[str, str] | None:
    """Return the texts after all edits, or None if one of them does not fit exactly once."""
    result = dict(texts)
    for edit in edits:
        if result[edit.file].count(edit.old) != 1:
            return None
        result[edit.file] = result[edit.file].replace(edit.old, edit.new)
    return result


async def judge_all(guards: Sequence[Guard], folder: Path, console: Console) -> dict[Guard, Verdict]:
    """Judge all guards in `COPIES` trees side by side; first each test without any change, which must be green."""
    trees = [Tree(folder / str(number)) for number in range(COPIES)]
    for tree in trees:
        tree.make()
    free: asyncio.Queue[Tree] = asyncio.Queue()
    for tree in trees:
        free.put_nowait(tree)
    tests = {(guard.test, guard.only): guard for guard in guards}
    green = {key: asyncio.create_task(_is_green(guard, free)) for key, guard in tests.items()}
    verdicts: dict[Guard, Verdict] = {}

    async def judge(guard: Guard) -> None:
        if not await green[guard.test, guard.only]:
            verdicts[guard] = Verdict.NOT_GREEN
        else:
            tree = await free.get()
            try:
                verdicts[guard] = await tree.judge(guard)
            finally:
                free.put_nowait(tree)
        console.print(f"{len(verdicts):3}/{len(guards)}  {guard.row}  {verdicts[guard].value:14}  {guard.what}")

    await asyncio.gather(*(judge(guard) for guard in guards))
    return verdicts


async def _is_green(guard: Guard, free: "asyncio.Queue[Tree]") -> bool:
    tree = await free.get()
    try:
        status, _ = await tree.run(guard)
    finally:
        free.put_nowait(tree)
    return status == 0


def report(verdicts: dict[Guard, Verdict], console: Console) -> float:
    """Print one line for each row, and return the part of the guards whose loss was noticed."""
    table = Table("row", "guards", "killed", "not killed")
    for row in sorted({guard.row for guard in verdicts}):
        of_row = {guard: verdict for guard, verdict in verdicts.items() if guard.row == row}
        left = [f"{guard.what}: {verdict.value}" for guard, verdict in of_row.items() if verdict is not Verdict.KILLED]
        table.add_row(row, str(len(of_row)), str(len(of_row) - len(left)), "\n".join(left))
    console.print(table)
    killed = sum(verdict is Verdict.KILLED for verdict in verdicts.values())
    rows = len({guard.row for guard in verdicts})
    console.print(f"Guard-kill ratio: {killed} of {len(verdicts)} guards on {rows} rows, {killed / len(verdicts):.1%}.")
    return killed / len(verdicts)


@click.command()
@click.option("--row", "rows", multiple=True, help="Only this row, such as A05. May be given several times.")
def command(rows: tuple[str, ...]) -> None:
    """Remove each guard against an attack in a copy of the tree, and see its test turn red."""
    guards = [guard for guard in GUARDS if not rows or guard.row in rows]
    if not guards:
        raise click.UsageError(f"No guard is listed for {', '.join(rows)}.")
    console = Console()
    with tempfile.TemporaryDirectory(prefix="kommune-guards-") as folder:
        verdicts = asyncio.run(judge_all(guards, Path(folder), console))
    if report(verdicts, console) < 1:
        raise SystemExit(1)
