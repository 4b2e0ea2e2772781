"""FEDERATION.md says what the code does: its tables of activities are compared with the code's."""

import inspect
import re
from pathlib import Path

from inbox.dispatch import ANY, HANDLERS
from outbox import activities

DOCUMENT = (Path(__file__).parent.parent / "FEDERATION.md").read_text()


def rows(heading: str) -> list[list[str]]:
    """Return the cells of the table below a heading, without its head."""
    section = DOCUMENT.partition(f"## {heading}\n")[2].partition("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_accepted_activities_are_those_of_the_dispatch_table() -> None:
    listed = {
        (kind, ANY if about == "any" else about.lower()) for kind, about, _ in rows("Activities that are accepted")
    }
    assert listed == {(kind, about.lower()) for kind, about in HANDLERS}


def test_the_sent_activities_are_those_the_outbox_can_make() -> None:
    made = {
        name
        for name, value in inspect.getmembers(activities, inspect.isfunction)
        if not name.startswith("_") and value.__module__ == activities.__name__
    }
    assert {row[0] for row in rows("Activities that are sent")} == made


def test_every_fep_is_linked_to_its_text() -> None:
    for name, number in re.findall(r"\[FEP-(\w+)\]\([^)]*/fep-(\w+)\.md\)", DOCUMENT):
        assert name == number
