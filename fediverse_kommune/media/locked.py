"""Become another program, locked down: `python -m fediverse_kommune.media.locked FOLDER PROGRAM ARGUMENT …`.

Run by `media/process.py` to let ffmpeg decode: it writes into FOLDER and nowhere else, and reaches nobody.
"""

import os
import sys
from contextlib import suppress
from pathlib import Path

from fediverse_kommune.media.sandbox import FILMS, lock_down

NICE = 10  # requests go first

if __name__ == "__main__":
    folder, program = Path(sys.argv[1]), Path(sys.argv[2])
    with suppress(OSError):  # some service managers forbid even that
        os.nice(NICE)
    lock_down(FILMS, folder=folder, readable=[program])
    os.execv(program, sys.argv[2:])  # noqa: S606 (no shell; the program is the configured one)
