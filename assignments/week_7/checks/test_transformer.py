"""Transformer: logits, gradients of all parameters, padding, greedy decoding."""

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
