"""Rows that begin with, or hold, a text that somebody looks for."""

from sqlalchemy import ColumnElement, false

LONGEST = 2_000
"""Characters: nothing that is searched like this is stored at such a length, and SQLite fails at 50,000 bytes."""


def unless_too_long(text: str, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """Return a condition that compares with `text`; one that no row meets if the text is longer than any row has."""
    return condition if len(text) <= LONGEST else false()
