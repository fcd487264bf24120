"""Small cases of MultiHeadAttention: heads and lengths that differ, both masks, every option."""

from functools import partial

import numpy as np

from autograder.layers import Probe, excuse_gradient

NAME = "MultiHeadAttention"
INPUTS = ("query", "key", "value")


class Heads:
    """An instance with parameters of its own, small inputs, and what is expected of it."""

    def __init__(self, scene, depth, heads, bias=True, dtype=np.float64):
        self.scene, self.args, self.bias, self.dtype = scene, (depth, heads), bias, dtype
        shapes = {"in_proj_weight": (3 * depth, depth), "out_proj.weight": (depth, depth)}
        if bias:
            shapes |= {"in_proj_bias": (3 * depth,), "out_proj.bias": (depth,)}
        self.parameters = {n: self.draw(shape) / 4 for n, shape in shapes.items()}
        make = scene.student.multi_head_attention.MultiHeadAttention
        self.instance = make(depth, heads, bias)
        self.instance.load_state_dict(self.parameters)

    def draw(self, shape):
        return self.scene.rng.standard_normal(shape).astype(self.dtype)

    def arrays(self, lead, queries, keys):
        """Query, key, value, and a gradient of the output."""
        lengths = (queries, keys, keys, queries)
        return [self.draw((*lead, length, self.args[0])) / 2 for length in lengths]

    def expect(self, arrays, options):
        *inputs, grad_out = arrays
        expected = self.scene.oracle.transformer(
            "MultiheadAttention",
            list(self.args),
            {"bias": self.bias},
            self.parameters,
            inputs,
            grad_out,
            masks=options,
        )
        return {name: array.astype(self.dtype) for name, array in vars(expected).items()}

    def compare(self, arrays, options):
        """Output, weights, the gradients of the inputs, and twice those of the parameters."""
        parity, instance, expected = self.scene.parity, self.instance, self.expect(arrays, options)
        *inputs, grad_out = arrays
        got = parity.parts("what forward returned", instance.forward(*inputs, **options), 2)
        parity("output", got[0], expected["output"])
        if "weights" in expected:
            parity("weights", got[1], expected["weights"])
        else:
            parity.equal("weights that nobody needs", got[1], None)
        parts = parity.parts("what backward returned", instance.backward(grad_out), 3)
        for name, part, key in zip(INPUTS, parts, ("", "_1", "_2"), strict=True):
            parity(f"gradient of {name}", part, expected[f"grad_input{key}"])
        for when, times in (("", 1), (" after a second backward", 2)):
            for name in self.parameters:
                wanted = times * expected[f"grad_{name}"]
                parity(f"gradient of {name}{when}", instance.read(f"{name}.grad"), wanted)
            if not when:
                instance.forward(*inputs, **options)
                instance.backward(grad_out)
        if parity.inquires and "output" in parity.evidence and self.dtype == np.float64:
            self.excuse(inputs, options, grad_out, parts)

    def excuse(self, inputs, options, grad_out, parts):
        """Gradients that are those of the submission's own forward are no fault of backward."""
        for place, part in enumerate(parts):

            def output(moved, place=place):
                given = [*inputs[:place], moved, *inputs[place + 1 :]]
                return self.instance.forward(*given, **options)[0]

            label, parity = f"gradient of {INPUTS[place]}", self.scene.parity
            if label in parity.evidence:
                excuse_gradient(parity, label, output, inputs[place], grad_out, part)


def call(depth, heads, bias=True):
    return f"{NAME}({depth}, {heads}{'' if bias else ', bias=False'})"


def case(depth, heads, lead, queries, keys, bias=True, dtype=np.float64, **options):
    """Everything, for these lengths."""

    def run(scene):
        made = Heads(scene, depth, heads, bias, dtype)
        made.compare(made.arrays(lead, queries, keys), options)

    shapes = f"query {(*lead, queries, depth)}, key {(*lead, keys, depth)}"
    words = [call(depth, heads, bias), shapes]
    words += [f"{name} {describe(value)}" for name, value in options.items()]
    words += ["float32"] if dtype == np.float32 else []
    return Probe(NAME, ", ".join(words), run)


def describe(value):
    return value.tolist() if isinstance(value, np.ndarray) else value


def untouched(depth, heads, lead, queries, keys, mask=None):
    """Inputs, mask and grad_out stay as they are."""

    def run(scene):
        made = Heads(scene, depth, heads)
        *inputs, grad_out = made.arrays(lead, queries, keys)
        given = dict(zip(INPUTS, inputs, strict=True)) | ({} if mask is None else {"padding": mask})
        kept = {name: scene.worker.keep(array) for name, array in given.items()}
        upstream = scene.worker.keep(grad_out)
        made.instance.forward(*kept.values())
        made.instance.backward(upstream)
        for name, value in given.items():
            scene.parity(f"{name} after both", scene.worker.fetch(kept[name]), value)
        scene.parity("grad_out after both", scene.worker.fetch(upstream), grad_out)

    return Probe(
        NAME, f"{call(depth, heads)}, what becomes of query {(*lead, queries, depth)}", run
    )


def initial(depth, heads):
    """Both biases of a new instance are zero."""

    def run(scene):
        make = scene.student.multi_head_attention.MultiHeadAttention
        made = make(depth, heads, rng=scene.worker.generator(1))
        for name, size in (("in_proj_bias", 3 * depth), ("out_proj.bias", depth)):
            scene.parity(name, made.read(f"{name}.data"), np.zeros(size))

    return Probe(NAME, f"{call(depth, heads)}, its biases when it is new", run)


def refused(what, words, *shapes, **options):
    """Inputs or masks that don't fit are an error."""

    def run(scene):
        made = Heads(scene, 2, 1)
        arrays = [scene.rng.standard_normal(shape) for shape in shapes]
        scene.parity.refuses(what, partial(made.instance.forward, *arrays, **options))

    return Probe(NAME, f"{call(2, 1)}, {what}: {words}", run)


def heads_refused(number):
    """The number of heads has to divide the number of features."""

    def run(scene):
        make = scene.student.multi_head_attention.MultiHeadAttention
        scene.parity.refuses("heads that don't divide", partial(make, 6, number), "a ValueError")

    return Probe(NAME, f"{NAME}(6, {number})", run)


AHEAD = np.triu(np.ones((3, 3), np.bool_), 1)
ENDS = np.array([[False, False, True], [False, True, True]])
FLOATS = np.array([[0.0, -1.0, 0.5], [1.0, -np.inf, 0.0], [0.5, 0.0, -2.0]])
OF_HEADS = np.array([[[False, True]], [[True, False]], [[False, False]], [[True, False]]])

PROBES = [
    case(1, 1, (), 1, 2),
    case(2, 1, (1,), 1, 2),
    case(2, 2, (1,), 1, 2),
    case(2, 2, (), 2, 1, need_weights=False),
    case(2, 2, (1,), 2, 2, bias=False),
    case(4, 2, (1,), 2, 3),
    case(4, 2, (2,), 3, 2),
    case(6, 2, (2,), 2, 3, average_attn_weights=False),
    case(2, 2, (), 1, 3, average_attn_weights=False),
    case(4, 1, (2,), 2, 3, need_weights=False),
    case(6, 3, (), 3, 2, bias=False),
    case(2, 1, (1,), 1, 2, attn_mask=np.array([[False, True]])),
    case(4, 2, (2,), 3, 3, attn_mask=AHEAD),
    case(4, 2, (1,), 3, 3, attn_mask=FLOATS),
    case(2, 2, (2,), 1, 2, attn_mask=OF_HEADS),
    case(4, 2, (2,), 1, 2, attn_mask=OF_HEADS),
    case(2, 2, (), 1, 2, attn_mask=OF_HEADS[:2]),
    case(2, 1, (1,), 1, 2, key_padding_mask=np.array([[False, True]])),
    case(2, 1, (), 2, 2, key_padding_mask=np.array([False, True])),
    case(4, 2, (2,), 2, 3, key_padding_mask=ENDS),
    case(4, 2, (2,), 3, 3, key_padding_mask=ENDS, attn_mask=AHEAD),
    case(2, 2, (2,), 3, 3, key_padding_mask=FLOATS[:2], attn_mask=FLOATS),
    case(2, 2, (), 2, 2, need_weights=False, attn_mask=np.array([[True, True], [False, True]])),
    case(2, 1, (1,), 2, 2, need_weights=False, attn_mask=np.array([[True, True], [True, False]])),
    case(2, 1, (1,), 1, 2, dtype=np.float32),
    case(2, 2, (1,), 1, 2, dtype=np.float32, attn_mask=np.array([[0.5, -2.0]])),
    untouched(2, 1, (1,), 1, 2),
    untouched(4, 2, (2,), 2, 3, mask=ENDS),
    initial(1, 1),
    initial(2, 2),
    refused("inputs that don't fit", "features", (1, 1, 3), (1, 2, 2), (1, 2, 2)),
    refused("inputs that don't fit", "no batch of keys", (2, 1, 2), (1, 2, 2), (1, 2, 2)),
    refused("inputs that don't fit", "no keys", (1, 1, 2), (1, 0, 2), (1, 0, 2)),
    refused("inputs that don't fit", "no queries", (1, 0, 2), (1, 2, 2), (1, 2, 2)),
    refused(
        "a mask that doesn't fit",
        "attn_mask of shape (1,)",
        *((1, 1, 2), (1, 2, 2), (1, 2, 2)),
        attn_mask=np.array([True]),
    ),
    refused(
        "a mask that doesn't fit",
        "key_padding_mask of shape (1, 1)",
        *((1, 1, 2), (1, 2, 2), (1, 2, 2)),
        key_padding_mask=np.array([[False]]),
    ),
    heads_refused(4),
    heads_refused(0),
]
