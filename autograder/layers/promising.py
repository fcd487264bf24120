"""Probes of what a layer promises whatever its values are: dtype, arguments, calls, initial values.

Each compares a submission with itself, or with what it was handed: wrong values are no second fault
here.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers import forms
from autograder.layers.arrays import shape_of
from autograder.layers.contract import Contract
from autograder.layers.initial import drawn_by
from autograder.layers.refusals import unlike
from autograder.parity.arrays import describe
from autograder.probes.probe import Observer, Probe, Scene
from autograder.results import Comparison

if TYPE_CHECKING:
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]

LARGEST = 64  # numbers that a message holds
ALMOST_NEVER = math.log(2e9)  # one in 10⁹: Kolmogorov's distance of an even spread, larger than it


def promises(layer: Layer, first: Shape, second: Shape, refused: Sequence[Shape]) -> list[Probe]:
    """Two probes: of float32, and of a call after another. An input of a `refused` shape raises."""
    titles = f"float32 of shape {first}", f"x of shape {first}, then {second}"
    runs = partial(kept, layer, first), partial(again, layer, first, second, refused)
    pairs = zip(titles, runs, strict=True)
    return [Probe(layer.name, f"{layer.call}, {title}", run) for title, run in pairs]


def kept(layer: Layer, shape: Shape, scene: Scene) -> None:
    """float32 in, float32 out, and what was handed in is as it was."""
    contract = contract_of(scene)
    given = forms.draw(contract, layer, shape)
    instance = contract.make(layer, given.parameters)
    named = dict(zip(("input", "target"), given.inputs, strict=False))
    named["grad_out"] = np.asarray(given.grad_out)
    inside = {name: scene.worker.keep(value) for name, value in named.items()}
    *inputs, grad_out = inside.values()
    single(scene.parity, "dtype of the output", instance.forward(*inputs))
    single(scene.parity, "dtype of the gradient of the input", instance.backward(grad_out))
    for name in given.parameters:
        single(scene.parity, f"dtype of the gradient of {name}", instance.read(f"{name}.grad"))
    for name, value in named.items():
        scene.parity(f"{name} after the calls", scene.worker.fetch(inside[name]), value)


DTYPE = (
    "float32 goes in, and another dtype comes out: something makes an array of its own (np.zeros, "
    "np.array, astype, a NumPy number) without the dtype of what it is given."
)


def single(parity: Observer, label: str, got: Any) -> None:
    """A number of Python's has no width to be wrong; what another object calls its dtype is text of
    the submission's."""
    found = got.dtype if isinstance(got, np.ndarray) else None
    parity.means(label, DTYPE)
    message = f"{label} is {found}; float32 went in"
    parity.holds(label, found is None or found == np.float32, message)


def again(
    layer: Layer, first: Shape, second: Shape, refused: Sequence[Shape], scene: Scene
) -> None:
    """A second call gives what a first one would, beside another instance and in another backward;
    what has another shape is refused."""
    contract, parity = contract_of(scene), scene.parity
    parameters = contract.draw_parameters(layer)
    before, after = layer.inputs(scene.rng, first), layer.inputs(scene.rng, second)
    grads = [contract.upstream(layer, parameters, inputs) for inputs in (before, after)]
    used, fresh, other = (contract.make(layer, parameters) for _ in range(3))
    used.forward(*before)
    grad_before = used.backward(grads[0])
    wanted, output = fresh.forward(*after), used.forward(*after)  # what is compared comes last
    itself(parity, "output of the second call", output, wanted)
    wanted, grad = fresh.backward(grads[1]), used.backward(grads[1])
    itself(parity, "gradient of the second call", grad, wanted)
    itself(parity, "gradient of a second backward", fresh.backward(grads[1]), wanted)
    other.forward(*before)
    fresh.forward(*after)
    itself(parity, "gradient of another instance", other.backward(grads[0]), grad_before)
    view = other.forward(np.asfortranarray(after[0]), *after[1:])
    itself(parity, "output for a transposed view", view, output)
    if shape_of(output) == np.shape(grads[1]):
        others = unlike(np.shape(grads[1]))
        for shape in dict.fromkeys((others[0], others[-1])):
            call = partial(used.backward, np.ones(shape))
            parity.refuses("a grad_out of another shape", call)
    for shape in refused:
        inputs = layer.inputs(scene.rng, shape)
        parity.refuses("an input of the wrong shape", partial(fresh.forward, *inputs))


MEANS = {
    "output of the second call": "forward gives something else the second time than a new object "
    "gives: something of the first call is still there. Set all that it remembers anew.",
    "gradient of the second call": "After a second forward, backward still works with something of "
    "the first call. Set all that backward needs in each forward.",
    "gradient of another instance": "Two objects of the class disturb each other: what forward "
    "remembers belongs to `self`, not to the class or the module.",
    "gradient of a second backward": "A second backward gives something else than the first: "
    "backward changes what forward has kept, or its own grad_out. Compute into a new array.",
    "output for a transposed view": "For a transposed view the output is another: it follows the "
    "order in memory, not that of the axes (`order=`, `ravel`, `view`).",
}


def itself(parity: Observer, label: str, got: Any, wanted: Any) -> None:
    parity.means(label, MEANS[label])
    if isinstance(wanted, (np.ndarray, float)):
        parity(label, got, wanted)


SAME_SEED = (
    "Where no `rng` is given, all start alike: your generator has a fixed seed. Take a fresh one."
)
STARTS = (
    "Initial values are to be spread evenly over ±{bound:.3g}, drawn from `rng`; yours are not."
)


def initial(layer: Layer, bound: float, scene: Scene) -> None:
    """Every parameter is spread evenly over ±bound by `rng`. Only values that `rng` gives are kept
    as evidence: others are never the same twice."""
    contract, parity = contract_of(scene), scene.parity
    calls = contract.worker.together()
    drawn = [drawn_by(calls, contract, layer, seed) for seed in (1, 1, 2)]
    made = [*drawn, contract.later(calls, layer), contract.later(calls, layer)]
    for name, shape in layer.parameters.items():
        label = f"initial {name}"
        values, twin, differing, one, two = (
            parity.array(label, instance.read(f"{name}.data").value, shape) for instance in made
        )
        if (values != twin).any():
            parity.holds(label, False, f"{label} is not the same for the same rng")
            continue
        ranks = (np.arange(values.size) + 0.5) / values.size
        spread = np.abs((np.sort(values, axis=None) / bound + 1) / 2 - ranks).max()
        largest = np.abs(values).max()
        message = f"{label} lies within ±{largest:.3g}, expected uniform in ±{bound:.3g}"
        even = spread < math.sqrt(ALMOST_NEVER / (2 * values.size))
        parity.means(label, STARTS.format(bound=bound))
        right = largest <= bound and even and (values != differing).all()
        parity.add(Comparison(label, bool(right), "" if right else "values", message), values)
        message = f"{label} is always the same where no rng is given"
        parity.means(f"{label} without an rng", SAME_SEED)
        parity.holds(f"{label} without an rng", not right or bool((one != two).all()), message)


INFINITE = (
    "At extreme values something becomes infinite, or is divided by 0: an exponential of a large "
    "number, a logarithm of 0. Of infinities there comes nan. Rearrange or bound the formula, so "
    "that none arises."
)


def extreme(layer: Layer, inputs: list[Array], scene: Scene) -> None:
    """At numbers so large that an exponential overflows all is finite; a loss is right there."""
    contract, parity = contract_of(scene), scene.parity
    grad_out = contract.upstream(layer, {}, inputs)
    expected = contract.expect(layer, {}, inputs, grad_out)
    instance = contract.make(layer)
    for what, call, wanted in (
        ("output", partial(instance.forward, *inputs), expected.output),
        ("gradient of the input", partial(instance.backward, grad_out), expected.grad_input),
    ):
        got, label = call(), f"{what} at extreme values"
        finite = not isinstance(got, (np.ndarray, float)) or bool(np.isfinite(got).all())
        message = "" if finite else f"{label}: {brief(got)} is not a number, or infinite"
        if not finite:
            parity.means(label, INFINITE)
        parity.holds(label, finite, message)
        if finite and layer.draw_target:
            parity(label, got, wanted)


def brief(got: Array | float) -> str:
    """The numbers; of many only the shape: of many axes NumPy would leave no number out."""
    return str(got) if np.size(got) <= LARGEST else describe(got)


def contract_of(scene: Scene) -> Contract:
    return Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
