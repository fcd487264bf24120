"""The expected values that were released with a week's public checks."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path

import numpy as np

from autograder.oracle.cache import Arrays
from autograder.sandbox.protocol import Array

FILE = "expected.npz"


class Released:
    """Arrays by the check that needs them and the position of the call in it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    @cached_property
    def arrays(self) -> Mapping[str, Array]:
        with np.load(self.path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}

    def get(self, key: str) -> Arrays | None:
        prefix = f"{key}/"
        found = {k[len(prefix) :]: v for k, v in self.arrays.items() if k.startswith(prefix)}
        return found or None
