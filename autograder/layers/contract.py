"""What every layer of the course promises, each checked against torch by one call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from autograder.layers import forms, refusals
from autograder.layers.arrays import strided
from autograder.layers.gradients import input_gradients
from autograder.oracle.expected import Oracle
from autograder.parity.compare import Parity
from autograder.results import Comparison
from autograder.sandbox.remote import Package, Remote
from autograder.sandbox.remote_worker import RemoteWorker
from autograder.sandbox.session import StudentError
from autograder.sandbox.together import Later, Together

if TYPE_CHECKING:
    from autograder.layers.layer import Layer

Array = NDArray[Any]
Shape = tuple[int, ...]


class Contract:
    """The promises of a `Layer`. `rng` draws parameters, inputs and gradients."""

    def __init__(
        self,
        student: Package,
        worker: RemoteWorker,
        rng: np.random.Generator,
        oracle: Oracle,
        parity: Parity,
    ) -> None:
        self.student, self.worker, self.rng = student, worker, rng
        self.oracle, self.parity = oracle, parity

    def make(self, layer: Layer, parameters: Mapping[str, Array] | None = None) -> Remote:
        """An instance in the worker, with these parameters instead of its initial ones."""
        calls = self.worker.together()
        instance = self.later(calls, layer, parameters)
        calls.done()
        made: Remote = instance.value
        return made

    def later(
        self, calls: Together, layer: Layer, parameters: Mapping[str, Array] | None = None
    ) -> Later:
        """The same, made together with what it is asked."""
        instance = layer.instance(self, calls)
        if parameters:
            instance.load_state_dict(dict(parameters))
        for name, values in layer.buffers.items():
            instance.write(name, values)
        if not layer.training:
            instance.eval()
        return instance

    def draw_parameters(self, layer: Layer) -> dict[str, Array]:
        return {name: self.rng.standard_normal(shape) for name, shape in layer.parameters.items()}

    def expect(
        self,
        layer: Layer,
        parameters: Mapping[str, Array],
        inputs: Sequence[Array],
        grad_out: Array | np.floating[Any] | float | None = None,
        training: bool | None = None,
        picked: Mapping[str, Array] | None = None,
    ) -> SimpleNamespace:
        """What torch gives for the same parameters and inputs; of large results, picked entries."""
        last = len(inputs) - 1 if layer.draw_target else len(inputs)  # behind it stands a target
        expected: SimpleNamespace = getattr(self.oracle, layer.oracle)(
            layer.torch_name or layer.name,
            list(layer.args),
            dict(layer.options),
            {**parameters, **layer.buffers},
            list(inputs[:last]),
            grad_out,
            *inputs[last:],
            training=layer.training if training is None else training,
            **({} if picked is None else {"picked": dict(picked)}),
        )
        return expected

    def upstream(self, layer: Layer, parameters: Mapping[str, Array], inputs: list[Array]) -> Any:
        """A random dL/d(output): never ones, with which some gradients vanish."""
        output = self.expect(layer, parameters, inputs).output
        grad = self.rng.standard_normal(output.shape)
        return float(grad) if output.ndim == 0 else grad

    def forward(self, layer: Layer, shape: Shape) -> None:
        """The output."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        expected = self.expect(layer, parameters, inputs)
        output = self.later(self.worker.together(), layer, parameters).forward(*inputs)
        self.parity("output", output.value, expected.output)

    def backward(self, layer: Layer, shape: Shape) -> None:
        """The gradient of the input."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.later(self.worker.together(), layer, parameters)
        instance.forward(*inputs)
        grad = instance.backward(grad_out)
        input_gradients(self.parity, "gradient of the input", grad.value, expected)

    def parameter_grads(self, layer: Layer, shape: Shape) -> None:
        """The gradients of the parameters, and that a second backward adds to them."""
        parameters = self.draw_parameters(layer)
        instance = self.later(self.worker.together(), layer, parameters)
        total, got = dict.fromkeys(parameters, 0.0), {}
        for when in ("", " after a second backward"):
            inputs = layer.inputs(self.rng, shape)
            grad_out = self.upstream(layer, parameters, inputs)
            expected = self.expect(layer, parameters, inputs, grad_out)
            instance.forward(*inputs)
            instance.backward(grad_out)
            for name in parameters:
                total[name] = total[name] + getattr(expected, f"grad_{name}")
                got[f"gradient of {name}{when}"] = instance.read(f"{name}.grad"), total[name]
        for label, (grad, wanted) in got.items():
            self.parity(label, grad.value, wanted)

    def float32(self, layer: Layer, shape: Shape, rtol: float | None = None) -> None:
        """float32 in, float32 out: output, gradient of the input and of the parameters."""
        forms.float32(self, layer, shape, rtol)

    def other_forms(self, *pairs: tuple[Layer, Shape], rtol: float | None = None) -> None:
        """All that every layer promises, of the class with other arguments or inputs."""
        forms.other_forms(self, *pairs, rtol=rtol)

    def unchanged_inputs(self, layer: Layer, shape: Shape) -> None:
        """Forward and backward are right, and neither changes what it is given."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = np.asarray(self.upstream(layer, parameters, inputs))
        expected = self.expect(layer, parameters, inputs, grad_out)
        second = "the target" if layer.draw_target else "the second input"
        named = dict(zip(("the input", second), inputs, strict=False))
        instance = self.later(self.worker.together(), layer, parameters)
        got = self.untouched(instance, named, {"grad_out": grad_out})
        self.parity("output", got[0], expected.output)
        input_gradients(self.parity, "gradient of the input", got[1], expected)

    def untouched(
        self, instance: Remote | Later, inputs: dict[str, Array], gradients: dict[str, Array]
    ) -> tuple[Any, Any]:
        """Neither forward nor backward of this instance changes these arrays.

        Returns:
            What forward and backward returned. Compare it in the same check: one that does
            nothing changes nothing.
        """
        if isinstance(instance, Remote):
            instance = self.worker.together().of(instance)
        keep = instance.calls.keep
        kept = {name: keep(value) for name, value in (inputs | gradients).items()}
        output = instance.forward(*(kept[name] for name in inputs))
        got = {f"{name}, after forward": (kept[name].read(), inputs[name]) for name in inputs}
        grad = instance.backward(*(kept[name] for name in gradients))
        for name, value in (inputs | gradients).items():
            got[f"{name}, after backward"] = kept[name].read(), value
        for label, (array, value) in got.items():
            self.parity(label, array.value, value, trivial=True)
        return output.value, grad.value

    def batch_of_one(self, layer: Layer, shape: Shape) -> None:
        """A batch with a single example."""
        self.both(layer, (1, *shape[1:]))

    def both(self, layer: Layer, shape: Shape) -> None:
        """Output and gradient of the input for another shape or other arguments."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        self.both_of(layer, parameters, inputs)

    def both_of(self, layer: Layer, parameters: Mapping[str, Array], inputs: list[Array]) -> None:
        """Output and gradient of the input for these values."""
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.later(self.worker.together(), layer, parameters)
        output, grad = instance.forward(*inputs), instance.backward(grad_out)
        self.parity("output", output.value, expected.output)
        input_gradients(self.parity, "gradient of the input", grad.value, expected)

    def second_call(self, layer: Layer, first: Shape, second: Shape) -> None:
        """A call with another shape after the first, and two instances side by side."""
        parameters = self.draw_parameters(layer)
        calls = self.worker.together()
        one, two = self.later(calls, layer, parameters), self.later(calls, layer, parameters)
        before, after = layer.inputs(self.rng, first), layer.inputs(self.rng, second)
        grad_before = self.upstream(layer, parameters, before)
        grad_after = self.upstream(layer, parameters, after)
        one.forward(*before)
        one.backward(grad_before)
        output = one.forward(*after)
        two.forward(*before)  # must not disturb what the first instance remembers
        grad, of_another = one.backward(grad_after), two.backward(grad_before)
        again = two.backward(grad_before)  # what forward has kept is still there
        wanted = self.expect(layer, parameters, after, grad_after)
        self.parity("output of the second call", output.value, wanted.output)
        input_gradients(self.parity, "gradient of the second call", grad.value, wanted)
        wanted = self.expect(layer, parameters, before, grad_before)
        input_gradients(self.parity, "gradient of another instance", of_another.value, wanted)
        input_gradients(self.parity, "gradient of a second backward", again.value, wanted)

    def stability(
        self,
        layer: Layer,
        values: Array | Callable[[np.random.Generator], Array],
        target: Array | None = None,
        quiet: bool = False,
    ) -> None:
        """Output and gradient at extreme values: finite, equal to torch's, without a warning."""
        x = values(self.rng) if callable(values) else values
        inputs = [x] if target is None else [x, target]
        self.both_of(layer, self.draw_parameters(layer), inputs)
        if quiet and not self.parity.evidence:  # of wrong values, NumPy has every right to warn
            self.quiet("forward", partial(self.make(layer).forward, *inputs))

    def quiet(self, what: str, call: Callable[[], Any]) -> None:
        """NumPy has nothing to warn of in this call."""
        self.worker.call("numpy.seterr", divide="raise", over="raise", invalid="raise")
        fault = None
        try:
            call()
        except StudentError as error:
            fault = error
        # (After a timeout or a crash there is nothing to put back: it went with the process.)
        self.worker.call("numpy.seterr", divide="warn", over="warn", invalid="warn")
        if fault is not None and "FloatingPointError" not in fault.kinds:
            raise fault
        if fault is not None:
            place = f"{fault.frames[-1].partition(' in ')[0]}: " if fault.frames else ""
            words = f"{what}: NumPy warns of: {place}{fault.message}"
            told = Comparison(what, False, "values", words)
            # Another's mistake warns of the same in another line.
            self.parity.add(told, f"{what}: NumPy warns of: {fault.message}")

    def non_contiguous(self, layer: Layer, shape: Shape) -> None:
        """Inputs and gradients that are views: transposed, or every second column."""
        parameters, inputs = self.draw_parameters(layer), layer.inputs(self.rng, shape)
        grad_out = self.upstream(layer, parameters, inputs)
        expected = self.expect(layer, parameters, inputs, grad_out)
        instance = self.later(self.worker.together(), layer, parameters)
        x, *rest = inputs
        transposed = instance.forward(np.asfortranarray(x), *rest)
        every_second = instance.forward(strided(x), *rest)
        view = strided(grad_out) if isinstance(grad_out, np.ndarray) else grad_out
        grad = instance.backward(view)
        self.parity("output for a transposed view", transposed.value, expected.output)
        self.parity("output for every second column", every_second.value, expected.output)
        input_gradients(self.parity, "gradient of the input", grad.value, expected)

    def refuses(
        self,
        what: str,
        call: Callable[[], Any],
        wanted: str = "a ValueError that names both shapes",
    ) -> None:
        """The call raises the error that is named, unless told one about shapes that don't fit."""
        self.parity.refuses(what, call, wanted)

    def refused(self, what: str, attempt: Later, wanted: str = "a ValueError") -> None:
        """The same of a call that was made together with others."""
        attempt.reach()
        self.parity.refuses(what, lambda: attempt.value, wanted)

    def wrong_shape(self, layer: Layer, *shapes: Shape, right: Shape | None = None) -> None:
        """Inputs of these shapes raise; after a right one, so does a grad_out of another shape."""
        refusals.wrong_shape(self, layer, *shapes, right=right)
