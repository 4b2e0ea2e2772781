"""Fresh databases for as many servers as a test wants, of each kind."""

from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest


@pytest.fixture(params=["sqlite", "postgresql"])
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], str]:
    """Return a function that gives the URL of one more empty database."""
    if request.param == "postgresql":
        create: Callable[[], str] = request.getfixturevalue("postgres").create_database
        return create
    numbers = count()
    return lambda: f"sqlite:///{tmp_path}/{next(numbers)}.db"
