"""For courses on neural networks: what every layer promises, and training. Nothing imports it.

This is all that a check file imports of the grader; the rest are fixtures.
"""

from autograder.checking.declared import check
from autograder.layers.arrays import as_float32, strided
from autograder.layers.contract import Contract
from autograder.layers.layer import Layer
from autograder.layers.probing import excuse_gradient
from autograder.layers.probing import run as run_probe
from autograder.layers.promising import extreme, single
from autograder.probes.probe import Probe

__all__ = [
    "Contract",
    "Layer",
    "Probe",
    "as_float32",
    "check",
    "excuse_gradient",
    "extreme",
    "run_probe",
    "single",
    "strided",
]
