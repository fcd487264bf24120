"""For all tests: how many secrets are tried, and folders that pytest's processes share."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import autograder  # noqa: F401  # first of all: it sets how many threads NumPy and torch use

SECRETS = 2  # `make secrets` tries 50
Shared = Callable[[str, Callable[[Path], object]], Path]


def pytest_addoption(parser: pytest.Parser) -> None:
    about = "how many secrets the reference is graded with"
    parser.addoption("--secrets", type=int, default=SECRETS, metavar="N", help=about)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "secret_number" in metafunc.fixturenames:
        metafunc.parametrize("secret_number", range(metafunc.config.getoption("secrets")))


@pytest.fixture(scope="session", autouse=True)
def own_configuration(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """What tests trust isn't remembered in the configuration of whoever runs them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.mktemp("configuration")))
        yield


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    """Makes a folder once: whichever of pytest's processes first asks for its name."""
    base = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:  # then each process has a folder in the common one
        base = base.parent

    def made(name: str, make: Callable[[Path], object]) -> Path:
        with (base / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (base / name).exists():
                partial = tmp_path_factory.mktemp(name)
                make(partial)
                partial.rename(base / name)
        return base / name

    return made
