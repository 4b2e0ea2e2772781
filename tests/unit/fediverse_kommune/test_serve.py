"""What the server is started with."""

import re
from pathlib import Path

from fediverse_kommune.serve import KEEP_ALIVE_SECONDS

DEPLOY = Path(__file__).parents[3] / "deploy"
KEPT_BY_DEFAULT = {"nginx.conf": 60, "Caddyfile": 120}  # seconds, as their documentation of upstreams says


def test_a_proxy_hangs_up_before_the_server_does() -> None:
    for name, seconds in KEPT_BY_DEFAULT.items():
        said = re.findall(r"keepalive_(?:timeout|time)\s+(\d+)", (DEPLOY / name).read_text())
        assert max([seconds, *map(int, said)]) < KEEP_ALIVE_SECONDS, name
