"""MultiHeadAttention: output, weights, all gradients, and both masks."""

import pytest

DEPTH, HEADS = 6, 2
SHAPES = {
    "in_proj_weight": (3 * DEPTH, DEPTH),
    "in_proj_bias": (3 * DEPTH,),
    "out_proj.weight": (DEPTH, DEPTH),
    "out_proj.bias": (DEPTH,),
}


class Heads:
    """Runs the submission and torch on the same arrays, and compares."""

    def __init__(self, student, oracle, rng, parity):
        self.student, self.oracle, self.rng, self.parity = student, oracle, rng, parity

    def draw(self, queries=5, keys=5, batch=3):
        """Query, key, value, and a gradient of the output."""
        lengths = (queries, keys, keys, queries)
        return [self.rng.standard_normal((batch, length, DEPTH)) for length in lengths]

    def draw_parameters(self, bias=True):
        shapes = {name: shape for name, shape in SHAPES.items() if bias or "bias" not in name}
        return {name: 0.5 * self.rng.standard_normal(shape) for name, shape in shapes.items()}

    def draw_mask(self, *shape):
        """True where a key must not be seen: one at least, and two are left, for every query."""
        mask = self.rng.random(shape) < 0.4
        mask[..., :2], mask[..., -1] = False, True
        return self.rng.permuted(mask, axis=-1)

    def make(self, parameters, heads=HEADS, bias=True):
        made = self.student.multi_head_attention.MultiHeadAttention(DEPTH, heads, bias)
        made.load_state_dict(parameters)
        return made

    def expect(self, parameters, arrays, heads=HEADS, bias=True, **options):
        *inputs, grad_out = arrays
        args, made = [DEPTH, heads], {"bias": bias}
        return self.oracle.transformer(
            "MultiheadAttention", args, made, parameters, inputs, grad_out, masks=options
        )

    def compare(self, arrays, *parts, when="", heads=HEADS, bias=True, dtype="f8", **options):
        """The parts that are named, of output, weights, inputs and parameters; all if none is."""
        parameters = {n: v.astype(dtype) for n, v in self.draw_parameters(bias).items()}
        expected = vars(self.expect(parameters, arrays, heads, bias, **options))
        expected = {name: value.astype(dtype) for name, value in expected.items()}
        instance, parts = self.make(parameters, heads, bias), parts or ("output", "inputs", "all")
        got = instance.forward(*arrays[:3], **options)
        answer = self.parity.parts(f"what forward returned{when}", got, 2)
        for name, array in zip(("output", "weights"), answer, strict=True):
            if name in parts:
                self.parity(f"{name}{when}", array, expected[name])
        if "inputs" in parts:
            self.inputs(instance.backward(arrays[3]), expected, when)
        if "all" in parts:
            for name in parameters:
                got = instance.read(f"{name}.grad")
                self.parity(f"gradient of {name}{when}", got, expected[f"grad_{name}"])

    def inputs(self, got, expected, when=""):
        grads = self.parity.parts(f"what backward returned{when}", got, 3)
        for i, (name, gradient) in enumerate(zip(("query", "key", "value"), grads, strict=True)):
            wanted = expected[f"grad_input_{i}" if i else "grad_input"]
            self.parity(f"gradient of {name}{when}", gradient, wanted)


@pytest.fixture
def heads(student, oracle, rng, parity):
    return Heads(student, oracle, rng, parity)


@pytest.mark.check(weight=5)
def test_multi_head_attention_forward(heads):
    """MultiHeadAttention: output"""
    heads.compare(heads.draw(), "output")


@pytest.mark.check(weight=2, needs="test_multi_head_attention_forward")
def test_multi_head_attention_weights(heads):
    """MultiHeadAttention: the weights, averaged over the heads"""
    heads.compare(heads.draw(), "weights")


@pytest.mark.check(weight=5, needs="test_multi_head_attention_forward")
def test_multi_head_attention_backward(heads):
    """MultiHeadAttention: gradients of query, key and value"""
    heads.compare(heads.draw(), "inputs")


@pytest.mark.check(weight=3, needs="test_multi_head_attention_forward")
def test_multi_head_attention_key_padding_mask(heads):
    """MultiHeadAttention: keys that are padding"""
    heads.compare(heads.draw(), "output", key_padding_mask=heads.draw_mask(3, 5))


@pytest.mark.check(weight=3, needs="test_multi_head_attention_forward")
def test_multi_head_attention_attn_mask(heads):
    """MultiHeadAttention: a mask of queries and keys, True where none may look"""
    heads.compare(heads.draw(), "output", attn_mask=heads.draw_mask(5, 5))
