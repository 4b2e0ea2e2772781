"""What an entry of the guard tables says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Edit:
    """One change of the source: `old` stands exactly once in `file`."""

    file: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Guard:
    """A guard against one row of the threat catalogue, and how to take it away.

    There are several edits where one guard stands behind another: then it takes the loss of all of them. `test` is
    relative to the root; `only` is an expression for pytest's -k where the file holds much else.
    """

    row: str
    what: str
    test: str
    edits: tuple[Edit, ...]
    only: str = ""


def guard(row: str, what: str, test: str, *edits: tuple[str, str, str], only: str = "") -> Guard:
    """Return a guard whose test is in tests/security, with its edits as (file, old text, new text)."""
    return Guard(row, what, f"tests/security/{test}.py", tuple(Edit(*edit) for edit in edits), only)
