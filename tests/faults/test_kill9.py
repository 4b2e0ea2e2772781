"""The short form of `make faults`, on both databases; and proof that its judge sees what it looks for."""

from pathlib import Path

import pytest
from sqlalchemy import text

from bench.stage import Stage
from faults.kill9 import Plan, run
from faults.ledger import Ledger
from faults.load import PROMISED
from faults.verdict import judge
from fediverse_kommune.database import driver_url, open_engine

# What would have been lost, shown twice, or done by half: statements that bring it about, and where it must be found.
DAMAGES = (
    ("lost", "DELETE FROM inbox_items WHERE id = (SELECT max(id) FROM inbox_items)"),
    ("lost", "DELETE FROM statuses WHERE id = (SELECT max(id) FROM statuses WHERE local)"),
    ("lost", "DELETE FROM feed_entries WHERE id = (SELECT max(id) FROM feed_entries)"),
    ("lost", "UPDATE statuses SET content = '' WHERE id = (SELECT max(id) FROM statuses WHERE NOT local)"),
    ("duplicated", "UPDATE actors SET followers_count = followers_count + 1 WHERE domain IS NULL"),
    ("duplicated", "UPDATE statuses SET uri = 'http://127.1.0.1/twice' WHERE id = (SELECT max(id) FROM statuses)"),
    ("damaged", "UPDATE inbox_items SET dead_at = done_at"),
    ("damaged", "DELETE FROM idempotency_keys"),
)


@pytest.mark.timeout(240)  # on a machine that has much else to do
async def test_nothing_acknowledged_is_lost_and_nothing_comes_twice(database_url: str, tmp_path: Path) -> None:
    plan = Plan(tmp_path, kills=2, seed=5, database_url=database_url, longest_life=1.5, impatient=True)
    report = await run(plan)
    verdict = report.verdict
    assert report.kills == 2
    assert min(verdict.promised, verdict.posts, verdict.deliveries, *report.restarts) > 0
    assert (verdict.lost, verdict.duplicated, verdict.damaged) == ([], [], [])
    for where, statement in DAMAGES:
        _execute(report.stage, statement)
        findings = getattr(verdict, where)
        verdict = judge(report.stage)
        assert len(getattr(verdict, where)) > len(findings), statement
    Ledger(tmp_path / PROMISED).note({"post": "http://127.0.0.1/nothing", "text": "never written"})
    missing = set(judge(report.stage).lost) - set(verdict.lost)
    assert {finding.partition(":")[0] for finding in missing} == {"without effect", "never delivered"}


def _execute(stage: Stage, statement: str) -> None:
    engine = open_engine(driver_url(stage.url))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()
