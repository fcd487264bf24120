"""The fixtures of this part, for a course's own fixtures.py: `pytest_plugins = [...]` there."""

from __future__ import annotations

import pytest

from autograder.checking.threshold import Threshold
from autograder.checking.tools import Tools
from autograder.layers.contract import Contract
from autograder.layers.training import Training


@pytest.fixture
def contract(tools_of_check: Tools) -> Contract:
    """What every layer promises, each in one call."""
    tools = tools_of_check
    return Contract(tools.student, tools.worker, tools.rng, tools.oracle, tools.parity)


@pytest.fixture
def training(tools_of_check: Tools, threshold: Threshold) -> Training:
    """Models trained in the worker, and accuracy counted here."""
    tools = tools_of_check
    return Training(tools.worker, tools.rng, tools.result, tools.parity, threshold)
