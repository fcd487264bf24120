"""Transformer: logits, gradients of all parameters, padding, greedy decoding."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer

SOURCES, TARGETS, DEPTH, HEADS, WIDTH = 7, 6, 8, 2, 12
PAD = 3  # a token of both vocabularies, and not the first
MATRICES = {"in_proj_weight": (3 * DEPTH, DEPTH), "out_proj.weight": (DEPTH, DEPTH)}
BIASES = {"in_proj_bias": (3 * DEPTH,), "out_proj.bias": (DEPTH,)}
NETWORK = {
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
}


def norms(*names):
    return {f"{name}.{part}": (DEPTH,) for name in names for part in ("weight", "bias")}


def attention(name):
    return {f"{name}.{part}": shape for part, shape in (MATRICES | BIASES).items()}


PARTS = {
    "encoder": attention("self_attn") | NETWORK | norms("norm1", "norm2"),
    "decoder": attention("self_attn")
    | attention("multihead_attn")
    | NETWORK
    | norms("norm1", "norm2", "norm3"),
}


def transformer(encoder_layers=1, decoder_layers=1, draw=None, **options):
    """A small Transformer without dropout, and the shapes of its parameters."""
    parameters = {
        "src_embedding.weight": (SOURCES, DEPTH),
        "tgt_embedding.weight": (TARGETS, DEPTH),
        "projection.weight": (TARGETS, DEPTH),
        "projection.bias": (TARGETS,),
        **norms("encoder.norm", "decoder.norm"),
    }
    for part, number in (("encoder", encoder_layers), ("decoder", decoder_layers)):
        for i in range(number):
            parameters |= {f"{part}.layers.{i}.{n}": s for n, s in PARTS[part].items()}
    args = (SOURCES, TARGETS, DEPTH, HEADS, encoder_layers, decoder_layers, WIDTH, 0.0)
    made = {"draw": draw or tokens, "oracle": "transformer"}
    return Layer("transformer", "Transformer", args, options, parameters, **made)


def tokens(rng, shape):
    """Source and target, of so many examples and tokens; the target is shorter by one."""
    n, length = shape
    return [rng.integers(1, SOURCES, shape), rng.integers(1, TARGETS, (n, length - 1))]


def padded(rng, shape, pad=PAD):
    """The same, with padding in all but the first: at the end of targets, anywhere in sources."""
    ids = tokens(rng, shape)
    for array in ids:
        array[array == pad] = 0
        ends = rng.integers(1, array.shape[1], len(array))
        ends[0] = array.shape[1]
        array[np.arange(array.shape[1]) >= ends[:, np.newaxis]] = pad
    ids[0] = np.array([np.roll(row, rng.integers(len(row))) for row in ids[0]])
    return ids


TRANSFORMER = transformer()
PADDED = transformer(draw=padded, pad_id=PAD)
PADDED_BY_0 = transformer(draw=partial(padded, pad=0), pad_id=0)

test_transformer_forward = TRANSFORMER.forward((4, 5), title="logits", weight=5)
test_transformer_parameter_grads = TRANSFORMER.parameter_grads(
    (4, 5), title="gradients of all parameters, added up", weight=6
)


def lively(name, array):
    """Small biases, and norms as they begin: the next token depends on those before."""
    if name.endswith("bias"):
        return 0.1 * array
    return 1 + 0.3 * array if "norm" in name else array


def greedy(contract, parameters, layer, src, length):
    """The most probable token time after time, by torch's logits."""
    tgt = np.ones((len(src), 1), np.int64)
    for _ in range(length):
        best = contract.expect(layer, parameters, [src, tgt]).output[:, -1].argmax(axis=-1)
        tgt = np.concatenate([tgt, best[:, np.newaxis]], axis=1)
    return tgt[:, 1:]


def until(eos, ids):
    """The same, but behind an eos nothing else follows."""
    ends = ids == eos
    return np.where(np.cumsum(ends, axis=1) > ends, eos, ids)


def varied(ids, eos):
    """Whether tokens follow other tokens, and some but not all sequences would go on."""
    changing = (ids != ids[:, :1]).any(axis=1)
    if len(np.unique(ids)) < 3 or changing.sum() < 2:
        return False
    return eos is None or ((until(eos, ids) != ids).any() and not (ids == eos).any(axis=1).all())


def compare_generated(contract, layer, draw, eos=None, length=4):
    ids = np.zeros((1, 1))
    while not varied(ids, eos):
        drawn = contract.draw_parameters(layer)
        parameters = {name: lively(name, array) for name, array in drawn.items()}
        src, _ = draw(contract.rng, (8, 5))
        ids = greedy(contract, parameters, layer, src, length)
    wanted = ids if eos is None else until(eos, ids)
    instance = contract.make(layer, parameters)
    when = "" if eos is None else f", until token {eos}"
    contract.parity(f"generated tokens{when}", instance.generate(src, length, 1, eos), wanted)
    stays = instance.read("encoder.layers.0.dropout1.training")
    contract.parity.equal(f"training after generate{when}", stays, True)
    early = (ids[:, :-1] == eos).any(axis=1)
    if early.any():  # those that end early, among themselves
        got = instance.generate(src[early], length, 1, eos)
        contract.parity(f"tokens where all end early{when}", got, wanted[early], trivial=True)


@pytest.mark.check(weight=4, needs="test_transformer_forward")
def test_transformer_generate(contract):
    """Transformer: greedy decoding"""
    compare_generated(contract, TRANSFORMER, tokens)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=2)
def test_causal_mask(student, parity):
    """causal_mask: True where a position must not look"""
    for length in (2, 5):
        wanted = np.arange(length) > np.arange(length)[:, np.newaxis]
        parity(f"mask of {length}", student.transformer.causal_mask(length), wanted)


test_transformer_padding = PADDED.parameter_grads(
    (4, 5), title="logits and gradients with padding", weight=4
)


@pytest.mark.check(weight=3, needs="test_transformer_forward")
def test_transformer_padding_forward(contract):
    """Transformer: logits with padding, by whatever id, in evaluation, and in two steps"""
    for layer in (PADDED, PADDED_BY_0, replace(PADDED, training=False)):
        contract.forward(layer, (4, 5))
    parameters, (src, tgt) = contract.draw_parameters(PADDED), padded(contract.rng, (4, 5))
    instance = contract.make(PADDED, parameters)
    expected = contract.expect(PADDED, parameters, [src, tgt])
    got = instance.decode(src, tgt, instance.encode(src))
    contract.parity("logits by encode and decode", got, expected.output)


test_transformer_layers = transformer(2, 3, norm_first=True).parameter_grads(
    (3, 4), title="gradients with more layers, the norm before its sublayer", weight=3
)
test_transformer_float32 = TRANSFORMER.float32((4, 5), rtol=2e-3, weight=2)


def compare_step(contract, layer, instance, parameters, inputs):
    """The logits, and the gradients of what lies at all three ends."""
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = vars(contract.expect(layer, parameters, inputs, grad_out))
    contract.parity("logits", instance.forward(*inputs), expected["output"])
    instance.backward(grad_out)
    for name in ("src_embedding.weight", "tgt_embedding.weight", "projection.weight"):
        got = instance.read(f"{name}.grad")
        contract.parity(f"gradient of {name}", got, expected[f"grad_{name}"])


@pytest.mark.check(needs="test_transformer_forward")
def test_transformer_second_call(contract):
    """Transformer: another shape or dtype of ids after a first call, beside another instance"""
    parameters = contract.draw_parameters(TRANSFORMER)
    one, two = contract.make(TRANSFORMER, parameters), contract.make(TRANSFORMER, parameters)
    one.forward(*tokens(contract.rng, (4, 5)))
    two.forward(*tokens(contract.rng, (3, 4)))
    compare_step(contract, TRANSFORMER, one, parameters, tokens(contract.rng, (2, 7)))
    for dtype in (np.int32, np.uint8):
        narrow = [ids.astype(dtype) for ids in padded(contract.rng, (3, 5))]
        layer, contract.parity.case = PADDED, f"{np.dtype(dtype)} ids"
        instance = contract.make(layer, parameters)
        compare_step(contract, layer, instance, parameters, narrow)
    contract.parity.case = ""


@pytest.mark.check(weight=3, needs="test_transformer_forward")
def test_transformer_generate_until(contract):
    """Transformer: greedy decoding with padding, and a token that ends a sequence"""
    compare_generated(contract, PADDED, padded)
    compare_generated(contract, TRANSFORMER, tokens, eos=2)
    compare_generated(contract, TRANSFORMER, tokens, eos=1)  # which begins a target as well
    compare_generated(contract, PADDED, padded, eos=0)


@pytest.mark.check(weight=2, needs="test_transformer_forward")
def test_transformer_initial(contract, student, worker, parity):
    """Transformer: every matrix of encoder and decoder is drawn by itself, from torch's interval"""
    make, drawn = student.transformer.Transformer, []
    larger = {DEPTH: 32, 3 * DEPTH: 96, WIDTH: 40}
    one, same = (
        make(SOURCES, TARGETS, 32, 2, 2, 2, 40, rng=worker.generator(6)).state_dict()
        for _ in range(2)
    )
    for name, small in transformer(2, 2).parameters.items():
        shape = tuple(larger.get(n, n) for n in small)
        values = parity.array(name, parity.item(one, name), shape)
        parity(f"{name}, same rng", parity.item(same, name), values, trivial=True)
        if values.ndim == 2 and name.startswith(("encoder", "decoder")):
            largest = float(np.abs(values).max() / math.sqrt(6 / sum(values.shape)))
            message = f"{name}: {largest:.3f} times the bound of √(6 / (rows + columns))"
            parity.holds(f"range of {name}", 0.95 < largest <= 1, message)
            copied = any(np.array_equal(values, other) for other in drawn)
            parity.holds(f"{name} by itself", not copied, f"{name} is that of another layer")
            drawn.append(values)
    contract.parameter_grads(transformer(2, 2), (3, 4))


@pytest.mark.check(weight=2, needs="test_transformer_forward")
def test_transformer_defaults(contract, student, parity):
    """Transformer: what isn't said is as in torch"""
    make = student.transformer.Transformer
    deep, layer = make(SOURCES, TARGETS, DEPTH, HEADS), transformer(6, 6)
    wide = [tuple(2048 if n == WIDTH else n for n in s) for s in layer.parameters.values()]
    parity.arrays("the parameters", deep.state_dict(), wide)
    for part in ("encoder", "decoder"):
        parity.equal(f"p, {part}", deep.read(f"{part}.layers.5.dropout1.p"), 0.1)
    parity.array("positions", deep.read("src_positions.pe"), (5000, DEPTH))
    small = {"num_encoder_layers": 1, "num_decoder_layers": 1, "dim_feedforward": 4}
    usual = make(SOURCES, TARGETS, **small)
    parity.equal("heads", usual.read("encoder.layers.0.self_attn.num_heads"), 8)
    parity.array("tgt_embedding", usual.read("tgt_embedding.weight.data"), (TARGETS, 512))
    contract.parameter_grads(TRANSFORMER, (3, 4))


@pytest.mark.check(weight=2, needs="test_transformer_forward")
def test_transformer_wrong_input(contract, student, parity):
    """Transformer: empty or too long sequences, and ids that are none, are errors"""
    make = student.transformer.Transformer
    short = make(SOURCES, TARGETS, DEPTH, HEADS, 1, 1, WIDTH, 0.0, max_len=5)
    right = tokens(contract.rng, (4, 5))
    src, tgt = right
    for what, wrong in (
        ("a source of no token", (src[:, :0], tgt)),
        ("a target of no token", (src, tgt[:, :0])),
        ("a source that is too long", (np.tile(src, (1, 2)), tgt)),
        ("a target that is too long", (src, np.tile(tgt, (1, 2)))),
        ("one target for four sources", (src, tgt[:1])),
        ("a source without an axis of examples", (src[0], tgt)),
    ):
        parity.refuses(what, lambda w=wrong: short.forward(*w))
    parity.refuses("encoding one source without its axis", lambda: short.encode(src[0]))
    parameters = contract.draw_parameters(TRANSFORMER)
    short.load_state_dict(parameters)
    compare_step(contract, TRANSFORMER, short, parameters, right)
    for shape in ((1, 4, 6), (4, 4, 1), (4, 6), (96,)):
        wrong = contract.rng.standard_normal(shape)
        what = f"a grad_out of shape {shape} for the logits (4, 4, 6)"
        parity.refuses(what, lambda g=wrong: short.backward(g))


### END HIDDEN TESTS
