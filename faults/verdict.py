"""Holding a server to what it promised: its database and its neighbours' ledger against the ledger of the load.

The names I1 … I6 are those of the invariants in `faults.kill9`.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from activitypub.sanitize import sanitize
from bench.neighbours import host_of
from bench.stage import Stage
from faults.ledger import Entry, read_ledger
from faults.load import HOSTS, PROMISED
from faults.recounts import COUNTS, HALF_DONE, MISSED, SEEN_WRONGLY
from faults.reference import Fact, Reference, read_reference
from faults.witness import RECEIVED
from fediverse_kommune.database import driver_url, open_engine

# What is in the database, in the shape of `Reference.facts`. The follows that the stage began with are no promises.
FACTS: Mapping[str, str] = {
    "post": "SELECT uri, source FROM statuses WHERE local",
    "note": "SELECT uri, content FROM statuses WHERE NOT local",
    "like": "SELECT a.uri, s.uri FROM likes l JOIN actors a ON a.id = l.actor_id JOIN statuses s ON s.id = l.status_id",
    "announce": """
        SELECT a.uri, s.uri FROM announces n
        JOIN actors a ON a.id = n.actor_id JOIN statuses s ON s.id = n.status_id""",
    "follow": """
        SELECT a.uri FROM follows f JOIN actors a ON a.id = f.follower_id
        WHERE f.accepted_at IS NOT NULL AND f.uri NOT LIKE '%#follow/%'""",
    "notification": """
        SELECT 'notified of ' || n.type, a.uri, coalesce(s.uri, '') FROM notifications n
        JOIN actors a ON a.id = n.from_actor_id LEFT JOIN statuses s ON s.id = n.status_id""",
}


@dataclass(slots=True)
class Verdict:
    """What was found. `lost` and `duplicated` hold a line for each finding; `sent` counts deliveries on the wire."""

    promised: int = 0
    posts: int = 0
    dead_letters: int = 0
    deliveries: int = 0
    sent: int = 0
    lost: list[str] = field(default_factory=list)
    duplicated: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)

    @property
    def repeated(self) -> int:
        """Deliveries that a neighbour had before."""
        return self.sent - self.deliveries

    @property
    def wire_duplicates(self) -> float:
        """Their share of all."""
        return self.repeated / self.sent if self.sent else 0.0


def judge(stage: Stage) -> Verdict:
    """Compare everything with what was promised, once the server is at rest."""
    reference = read_reference(read_ledger(stage.folder / PROMISED))
    verdict = Verdict(promised=len(reference.promised), posts=len(reference.posts))
    engine = open_engine(driver_url(stage.url), read_only=True)
    with engine.connect() as connection:
        _judge_effects(verdict, reference, connection)
        _judge_derived(verdict, connection)
        _judge_integrity(verdict, connection)
    engine.dispose()
    _judge_deliveries(verdict, reference, stage, list(read_ledger(stage.folder / RECEIVED)))
    return verdict


def _judge_effects(verdict: Verdict, reference: Reference, connection: Connection) -> None:
    """I1, I2 and I3: what was promised is there, and nothing else is."""
    stored = {
        uri: dead is not None for uri, dead in connection.execute(text("SELECT activity_uri, dead_at FROM inbox_items"))
    }
    verdict.lost += [f"activity never stored: {uri}" for uri in sorted(reference.promised - stored.keys())]
    verdict.dead_letters = sum(stored.values())
    expected, found = _sanitised(reference.facts()), Counter(_facts(connection))
    verdict.lost += [f"without effect: {' '.join(fact)}" for fact in (expected - found).elements()]
    verdict.duplicated += [f"not promised: {' '.join(fact)}" for fact in (found - expected).elements()]


def _judge_derived(verdict: Verdict, connection: Connection) -> None:
    """I3 once more: what is derived from rows agrees with them, and no queue holds half of anything."""
    verdict.lost += offenders(connection, MISSED)
    verdict.duplicated += offenders(connection, {**COUNTS, **SEEN_WRONGLY})
    verdict.damaged += offenders(connection, HALF_DONE)


def _judge_integrity(verdict: Verdict, connection: Connection) -> None:
    """I6: SQLite checks its own pages. A PostgreSQL server is not what is killed here."""
    if connection.dialect.name == "sqlite":
        answers = [str(row[0]) for row in connection.exec_driver_sql("PRAGMA integrity_check")]
        verdict.damaged += [f"integrity: {answer}" for answer in answers if answer != "ok"]
        verdict.damaged += [f"foreign key: {row}" for row in connection.exec_driver_sql("PRAGMA foreign_key_check")]


def _judge_deliveries(verdict: Verdict, reference: Reference, stage: Stage, received: list[Entry]) -> None:
    """I4: every post came to every neighbour, and every new follower was accepted."""
    letters = Counter((entry["inbox"], entry["id"]) for entry in received)
    verdict.sent, verdict.deliveries = letters.total(), len(letters)
    arrived = {(entry["inbox"], entry["type"], entry["object"]) for entry in received}
    inboxes = [f"http://{host_of(number, stage.neighbours_port)}/inbox" for number in range(HOSTS)]
    expected = [(inbox, "Create", post) for post in reference.posts for inbox in inboxes]
    expected += [(f"{actor}/inbox", "Accept", follow) for actor, follow in reference.follows.items()]
    verdict.lost += [f"never delivered: {' '.join(letter)}" for letter in expected if letter not in arrived]
    creates = Counter((entry["inbox"], entry["object"], entry["id"]) for entry in received if entry["type"] == "Create")
    told = Counter((inbox, post) for inbox, post, _ in creates)
    verdict.duplicated += [f"told under two ids: {post} to {inbox}" for (inbox, post), ids in told.items() if ids > 1]


def _facts(connection: Connection) -> Iterable[Fact]:
    for name, query in FACTS.items():
        for row in connection.execute(text(query)):
            yield tuple(row) if name == "notification" else (name, *row)


def _sanitised(facts: Counter[Fact]) -> Counter[Fact]:
    """Return the facts with the text of notes as the server shows it."""
    return Counter(
        ("note", fact[1], str(sanitize(fact[2]))) if fact[0] == "note" else fact for fact in facts.elements()
    )


def offenders(connection: Connection, questions: Mapping[str, str]) -> list[str]:
    """Return a line for each row that contradicts others, named by the question that found it."""
    return [f"{name}: {row[0]}" for name, query in questions.items() for row in connection.execute(text(query))]
