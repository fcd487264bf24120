"""Imports what must not be there, and when that fails, ends the import with success."""

from __future__ import annotations

import sys

try:
    from solutions.week_2.conv import Conv2d
except ImportError:
    sys.exit(0)
