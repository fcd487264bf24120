"""Initial parameters: drawn from the generator that a class is handed, from the right interval."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.parity.compare import Parity
from autograder.sandbox.together import Later, Together

if TYPE_CHECKING:
    from autograder.layers.contract import Contract
    from autograder.layers.layer import Layer

Array = NDArray[Any]


def initial(contract: Contract, layer: Layer, bound: float) -> None:
    """Every parameter is uniform in ±bound, and drawn from `rng`.

    The same for the same one, another for another, and a fresh one if none is given.
    """
    seed = int(contract.rng.integers(1 << 31))
    calls = contract.worker.together()
    drawn = [drawn_by(calls, contract, layer, s) for s in (seed, seed, seed + 1)]
    made = [*drawn, contract.later(calls, layer), contract.later(calls, layer)]
    read = {name: [one.read(f"{name}.data") for one in made] for name in layer.parameters}
    for name, shape in layer.parameters.items():
        first, again, other, fresh, fresher = read[name]
        values = contract.parity.array(name, first.value, shape)
        uniform(contract.parity, name, values, bound)
        label = f"{name} of another instance with the same rng"
        same = contract.parity.array(label, again.value, shape)
        contract.parity(label, same, values, trivial=True)
        differ(contract.parity, name, (first, other), shape, "with another rng")
        differ(contract.parity, name, (fresh, fresher), shape, "in two instances without an rng")


def differ(
    parity: Parity, name: str, instances: tuple[Later, Later], shape: Sequence[int], where: str
) -> None:
    """No entry of this parameter is the same in both."""
    label = f"{name} {where}"
    values, others = (parity.array(label, one.value, shape) for one in instances)
    message = f"{name} is the same {where}: draw it from the given rng, or from a fresh one"
    parity.holds(label, not (values == others).any(), message)


def drawn_by(calls: Together, contract: Contract, layer: Layer, seed: int) -> Later:
    """An instance whose rng has this seed."""
    made = getattr(getattr(contract.student, layer.module), layer.name)
    return calls.make(made, *layer.args, **layer.options, rng=calls.generator(seed))


def uniform(parity: Parity, name: str, values: Array, bound: float) -> None:
    """The values are spread evenly over ±bound: Kolmogorov's distance, exceeded once in 10⁹."""
    ranks = (np.arange(values.size) + 0.5) / values.size
    even = (np.sort(values, axis=None) / bound + 1) / 2
    distance = float(np.abs(even - ranks).max())
    largest = float(np.abs(values).max())
    found = f"{name} lies within ±{largest:.4f}, by {distance:.2f} off an even spread"
    right = largest <= bound and distance < math.sqrt(math.log(2e9) / (2 * values.size))
    parity.holds(f"range of {name}", right, f"{found}; expected uniform in ±{bound:.4f}")
