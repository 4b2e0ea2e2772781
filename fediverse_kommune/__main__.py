"""`python -m fediverse_kommune` is the command line."""

from fediverse_kommune.cli import main

if __name__ == "__main__":
    main()
