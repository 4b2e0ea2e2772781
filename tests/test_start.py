"""What a start loads (decision 0029), and that the rest comes by itself."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

from fediverse_kommune.serve import LOADED_LATER

ROOT = Path(__file__).parents[1]
NEEDED_LATER = {
    *("aiohttp", "bleach", "markdown", "Crypto", "icalendar", "alembic", "PIL"),
    *("psycopg", "sqlalchemy.dialects.postgresql"),  # of which a server of SQLite needs nothing
}


def test_no_library_is_loaded_that_no_page_needs() -> None:
    code = f"import sys, fediverse_kommune.__main__\nprint(*({NEEDED_LATER!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []


def test_what_is_loaded_later_is_there() -> None:
    for module in LOADED_LATER:
        import_module(module)
    assert {"aiohttp", "bleach", "markdown", "Crypto"} <= sys.modules.keys()
