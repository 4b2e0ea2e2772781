"""`python -m fediverse_kommune` and `fediverse-kommune` are the command line.

Nothing that is loaded here is ever garbage. Looking for some while modules load takes a third of the time until the
server answers, and walking through all of it again at every full collection makes everybody wait: so neither is done.
"""

# ruff: noqa: E402 (the collector pauses while the rest is imported)

import gc

gc.disable()

from fediverse_kommune.cli_federation import main

gc.freeze()
gc.enable()

if __name__ == "__main__":
    main()
