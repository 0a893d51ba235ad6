"""Importing is quick because heavy libraries wait until they are used. (`benchmarks/startup.py` measures it.)"""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numba", "scipy", "polars", "altair", "openpyxl", "yaml", "numpy", "vl_convert", "jinja2")


def loaded(code: str) -> set[str]:
    script = f"{code}\nimport sys\nprint(' '.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


def test_importing_the_package_brings_nothing_heavy() -> None:
    assert not set(HEAVY) & loaded("import plantwright")


def test_help_brings_nothing_heavy() -> None:
    code = "from plantwright.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit:\n    pass"
    assert not set(HEAVY) & loaded(code)


def test_every_public_name_is_there() -> None:
    import plantwright

    for name in plantwright.__all__:
        assert getattr(plantwright, name).__doc__, name
