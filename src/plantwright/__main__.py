"""``python -m plantwright``: the command line."""

from plantwright.cli import main

main()
