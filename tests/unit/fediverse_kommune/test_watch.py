"""The watch over commits: what is kept is forgotten before the change can be seen, and not kept again too early."""

from pathlib import Path

from sqlalchemy import create_engine, text

from fediverse_kommune.watch import Watch


def test_a_commit_is_noticed_before_it_can_be_seen_and_once_more_after_it(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'watched.db'}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id INTEGER)"))
    watch = Watch(engine, lambda statement: "notes" in statement)
    with engine.connect() as connection:
        connection.execute(text("INSERT INTO notes VALUES (1)"))
        running = watch.generation
        connection.commit()
        committed = watch.generation
    assert len({running, committed, watch.generation}) == 3


def test_what_does_not_matter_changes_nothing(tmp_path: Path) -> None:
    engine = create_engine(f"sqlite:///{tmp_path / 'watched.db'}")
    watch = Watch(engine, lambda statement: "notes" in statement)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE others (id INTEGER)"))
    assert watch.generation == 0
