"""Runs a week's checks: pytest collects them, and one submission after another answers."""

from __future__ import annotations

import sys
from types import ModuleType

# What colours pytest's own reports: nobody sees them here, and it takes a tenth of loading pytest.
COLOURS = ("formatters.terminal", "lexer", "lexers.diff", "lexers.python", "util")


def load_pytest() -> None:
    """Load pytest with stand-ins for what it shows code with, which are gone afterwards."""
    if "pytest" in sys.modules or "pygments" in sys.modules:
        return
    standins = ["pygments", *(f"pygments.{name}" for name in COLOURS)]
    for name in standins:
        sys.modules[name] = module = ModuleType(name)
        module.__getattr__ = lambda _: type  # type: ignore[method-assign]
    import pytest  # noqa: F401

    for name in standins:
        del sys.modules[name]


load_pytest()
