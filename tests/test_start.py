"""What a start loads (decision 0029), and that the rest comes by itself."""

import os
import subprocess
import sys
from pathlib import Path

from fediverse_kommune.serve import LOADED_LATER

ROOT = Path(__file__).parents[1]
NEEDED_LATER = {
    *("aiohttp", "bleach", "markdown", "Crypto", "icalendar", "alembic", "PIL", "emoji"),
    *("psycopg", "sqlalchemy.dialects.postgresql"),  # of which a server of SQLite needs nothing
}


def test_no_library_is_loaded_that_no_page_needs() -> None:
    code = f"import sys, fediverse_kommune.__main__\nprint(*({NEEDED_LATER!r} & sys.modules.keys()))"
    loaded = subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True, capture_output=True, text=True)
    assert loaded.stdout.split() == []


SERVE = """
import asyncio, sys
from pathlib import Path
from fediverse_kommune import seeds, serve
from fediverse_kommune.app import create_app
from fediverse_kommune.config import load_config

serve.LATER_SECONDS = 0
seeds.write_config(Path("config.toml"))
Path("data").mkdir()
config = load_config(Path("config.toml"))

async def main():
    listener = serve.socket.create_server(("127.0.0.1", 0))
    async with serve.running(create_app(config), listener), asyncio.timeout(60):
        while not set(sys.argv[1:]) <= sys.modules.keys():
            await asyncio.sleep(0.05)

asyncio.run(main())
"""


def test_a_server_loads_by_itself_what_it_will_need(tmp_path: Path) -> None:
    wanted = [*LOADED_LATER, "aiohttp", "bleach", "markdown", "Crypto"]
    command = [sys.executable, "-c", SERVE, *wanted]
    subprocess.run(command, cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True, timeout=100)
