"""`python -m faults [EXPERIMENT] [OPTIONS]`; without a name it kills a server again and again."""

import sys
from collections.abc import Mapping, Sequence

import click

from faults import guards, kill9

EXPERIMENTS: Mapping[str, click.Command] = {
    "kill9": kill9.command,
    "guards": guards.command,
}


def main(arguments: Sequence[str]) -> None:
    """Run the experiment that the first argument names, or the first one of the table."""
    name, *rest = arguments if arguments and arguments[0] in EXPERIMENTS else ("kill9", *arguments)
    EXPERIMENTS[name](rest, prog_name=f"python -m faults {name}")


if __name__ == "__main__":
    main(sys.argv[1:])
