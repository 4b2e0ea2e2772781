"""Each row of the groups that concern other servers is named by a test: in a file's name, or in what a docstring says.

A identity, B signatures, C documents, D fetching, E exhaustion, I moderation, L names and times.
"""

import re
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]
GROUPS = {"A": 20, "B": 13, "C": 10, "D": 13, "E": 19, "I": 9, "L": 7}
NAMED = re.compile(r"\b([A-EIL]\d\d)\b")
DOCSTRING = re.compile(r'^ *"""(.*?)"""', re.DOTALL | re.MULTILINE)
RANGE = re.compile(r"\b([A-EIL])(\d\d) to \1(\d\d)\b")


@cache
def rows_named() -> frozenset[str]:
    """Return every row that a file's name or a docstring names."""
    found: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        by_name = re.match(r"test_([a-eil]\d\d)_", path.name)
        found |= {by_name[1].upper()} if by_name else set()
        said = "".join(DOCSTRING.findall(path.read_text("utf-8")))
        found.update(NAMED.findall(said))
        for letter, first, last in RANGE.findall(said):
            found.update(f"{letter}{number:02}" for number in range(int(first), int(last) + 1))
    return frozenset(found)


@pytest.mark.parametrize(("group", "number"), GROUPS.items())
def test_every_row_has_its_test(group: str, number: int) -> None:
    wanted = {f"{group}{place:02}" for place in range(1, number + 1)}
    assert {row for row in rows_named() if row[0] == group} == wanted
