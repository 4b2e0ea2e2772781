"""FEDERATION.md says what the code does: its tables of activities are compared with the code's."""

import inspect
import re
from pathlib import Path

from activitypub.caps import CAPS
from activitypub.vocabulary import ACTOR_TYPES, STATUS_TYPES
from inbox.dispatch import ANY, HANDLERS
from outbox import activities, consent_activities

REPOSITORY = Path(__file__).parent.parent
DOCUMENT = (REPOSITORY / "FEDERATION.md").read_text()
PACKAGES = ("activitypub", "inbox", "outbox", "webfinger")


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
        for module in (activities, consent_activities)
        for name, value in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_") and value.__module__ == module.__name__
    }
    assert {row[0] for row in rows("Activities that are sent")} == made - {"activity_of"}  # which begins each


def test_the_objects_are_those_of_the_vocabulary() -> None:
    listed = {name for row in rows("Objects") for name in re.findall(r"\w+", row[0])}
    assert listed == ACTOR_TYPES | STATUS_TYPES | {"Tombstone", "Mention", "Hashtag", "Emoji", "PropertyValue"}


def test_the_limits_are_those_of_the_code() -> None:
    code = "".join(path.read_text() for package in PACKAGES for path in (REPOSITORY / package).rglob("*.py"))
    for name, figure, _ in rows("Limits"):
        assert float(figure.replace(",", "")) == getattr(CAPS, name)
        assert re.search(rf"(CAPS|caps)\.{name}\b", code), f"nothing is held to {name}"


def test_every_fep_is_linked_to_its_text() -> None:
    for name, number in re.findall(r"\[FEP-(\w+)\]\([^)]*/fep-(\w+)\.md\)", DOCUMENT):
        assert name == number
