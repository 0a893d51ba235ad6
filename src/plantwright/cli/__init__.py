"""The command line: it parses, calls one action, and shows the result."""

from __future__ import annotations

from plantwright.cli.main import main

__all__ = ["main"]
