"""The reference of week 7: multi-head attention, encoder, decoder, Transformer."""

from __future__ import annotations

import sys
import unittest
from collections.abc import Iterator
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given.module import Module
from oracles.transformer import positioned, transformer
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import LayerNorm
from week_7.decoder import TransformerDecoder, TransformerDecoderLayer
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer
from week_7.multi_head_attention import MultiHeadAttention
from week_7.transformer import Transformer, causal_mask

OURS = {
    "MultiheadAttention": MultiHeadAttention,
    "TransformerEncoderLayer": TransformerEncoderLayer,
    "TransformerDecoderLayer": TransformerDecoderLayer,
}


def shaken(module: Module, rng: np.random.Generator) -> Module:
    """Other values for every parameter: no weight of zero or one hides what it does."""
    for parameter in module.parameters():
        parameter.data = parameter.data + 0.3 * rng.standard_normal(parameter.data.shape)
    return module


def assert_gradients(expected: dict[str, Array], module: Module, got: Any) -> None:
    """The gradients of all inputs and of all parameters."""
    arrays = got if isinstance(got, tuple) else (got,) if got is not None else ()
    for index, array in enumerate(arrays):
        assert_close(expected[f"grad_input_{index}" if index else "grad_input"], array)
    for name, parameter in module.named_parameters():
        assert_close(expected[f"grad_{name}"], parameter.grad)


def make_transformer(rng: np.random.Generator, pad_id: int | None = None, **options: Any) -> Module:
    sizes = {"d_model": 8, "nhead": 2, "num_encoder_layers": 2, "num_decoder_layers": 2}
    options = {"dim_feedforward": 12, "dropout": 0.0, "pad_id": pad_id, "rng": rng} | options
    return Transformer(7, 6, **sizes, **options)


# ---- torch's own samples -------------------------------------------------------------------


@pytest.fixture(scope="module")
def common_modules() -> Iterator[ModuleType]:
    """torch's table of sample inputs. It imports a package for tests, which they don't use."""
    with pytest.MonkeyPatch.context() as patch:
        stand_in = ModuleType("expecttest")
        patch.setattr(stand_in, "TestCase", unittest.TestCase, raising=False)
        patch.setitem(sys.modules, "expecttest", stand_in)
        from torch.testing._internal import common_modules

        yield common_modules


def samples(common_modules: ModuleType, name: str) -> Iterator[tuple[Any, dict[str, Any], Any]]:
    """Torch's module, what ours is made with, and the input, wherever our signature covers it."""
    function = getattr(common_modules, f"module_inputs_torch_nn_{name}")
    draw = {"device": "cpu", "dtype": torch.float64, "requires_grad": True, "training": True}
    for sample in function(None, **draw):
        args, options = sample.constructor_input.args, dict(sample.constructor_input.kwargs)
        left_out = (options.get("add_bias_kv"), options.get("add_zero_attn"))
        lacks_bias = name != "MultiheadAttention" and not options.get("bias", True)
        time_first = len(sample.forward_input.args[0].shape) == 3 and not options.get("batch_first")
        if any(left_out) or lacks_bias or (time_first and args == ()):
            continue
        options = {k: v for k, v in options.items() if not k.startswith(("batch", "add"))}
        theirs = getattr(torch.nn, name)(*args, **options, batch_first=True).double()
        if len(args) > 4:
            args = (*args[:4], args[4].__name__)
        if name != "MultiheadAttention":
            options.pop("bias", None)
        yield theirs, {"args": args, "options": options}, sample.forward_input


def as_arrays(values: dict[str, Any]) -> dict[str, Any]:
    return {k: v.numpy() if isinstance(v, torch.Tensor) else v for k, v in values.items()}


@pytest.mark.parametrize("name", OURS)
def test_torchs_samples_of_a_layer(common_modules: ModuleType, name: str) -> None:
    rng, count = np.random.default_rng(0), 0
    for theirs, made, given in samples(common_modules, name):
        ours = OURS[name](*made["args"], **made["options"])
        ours.load_state_dict({k: v.numpy() for k, v in theirs.state_dict().items()})
        expected = theirs(*given.args, **given.kwargs)
        got = ours.forward(*(a.detach().numpy() for a in given.args), **as_arrays(given.kwargs))
        if isinstance(got, tuple):
            assert_close(expected[1].detach(), got[1])
            expected, got = expected[0], got[0]
        assert_close(expected.detach(), got)
        grad_out = rng.standard_normal(got.shape)
        leaves = [*given.args, *theirs.parameters()]
        wanted = torch.autograd.grad(expected, leaves, torch.tensor(grad_out))
        grads = ours.backward(grad_out)
        grads = grads if isinstance(grads, tuple) else (grads,)
        own = dict(ours.named_parameters())
        parameters = [own[key].grad for key, _ in theirs.named_parameters()]
        for one, other in zip(wanted, [*grads, *parameters], strict=True):
            assert_close(one, other)
        count += 1
    assert count >= 16


@pytest.mark.filterwarnings("ignore:enable_nested_tensor")
def test_torchs_samples_of_transformer(common_modules: ModuleType) -> None:
    count = 0
    for theirs, made, given in samples(common_modules, "Transformer"):
        options = made["options"] | {"rng": np.random.default_rng(0)}
        ours = Transformer(2, 2, **options)
        state = {k: v.numpy() for k, v in theirs.state_dict().items()}
        for part in ("encoder", "decoder"):
            own = {k.removeprefix(f"{part}."): v for k, v in state.items() if k.startswith(part)}
            getattr(ours, part).load_state_dict(own)
        src, tgt = (a.detach().numpy() for a in given.args)
        masks = as_arrays(given.kwargs)
        memory = ours.encoder.forward(src, masks["src_mask"], masks["src_key_padding_mask"])
        padding = masks["tgt_key_padding_mask"]
        got = ours.decoder.forward(tgt, memory, masks["tgt_mask"], None, padding)
        expected = theirs(*given.args, **given.kwargs)
        assert_close(expected.detach(), got)
        grad_out = np.random.default_rng(count).standard_normal(got.shape)
        wanted = torch.autograd.grad(expected, given.args, torch.tensor(grad_out))
        grad_tgt, grad_memory = ours.decoder.backward(grad_out)
        assert_close(wanted[1], grad_tgt)
        assert_close(wanted[0], ours.encoder.backward(grad_memory))
        count += 1
    assert count >= 12


# ---- parity --------------------------------------------------------------------------------


@pytest.mark.parametrize("average", [True, False])
@pytest.mark.parametrize("each_head", [True, False])
def test_attention_with_masks_equals_torch(average: bool, each_head: bool) -> None:
    rng = np.random.default_rng(1)
    ours = shaken(MultiHeadAttention(6, 3, rng=rng), rng)
    query, key, value = (rng.standard_normal((2, length, 6)) for length in (4, 5, 5))
    attn_mask = rng.random((6, 4, 5) if each_head else (4, 5)) < 0.3
    padding = np.array([[False] * 5, [False] * 3 + [True] * 2])
    attn_mask[..., 0] = False
    masks = {"attn_mask": attn_mask, "key_padding_mask": padding}
    output, weights = ours.forward(query, key, value, **masks, average_attn_weights=average)
    grad_out = rng.standard_normal(output.shape)
    expected = transformer(
        "MultiheadAttention", (6, 3), {}, ours.state_dict(), [query, key, value], grad_out,
        masks=masks | {"average_attn_weights": average},
    )  # fmt: skip
    assert_close(expected["output"], output)
    assert_close(expected["weights"], weights)
    assert_gradients(expected, ours, ours.backward(grad_out))


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_stacks_equal_torch(activation: str, norm_first: bool) -> None:
    rng = np.random.default_rng(2)
    options = {"dropout": 0.0, "activation": activation, "norm_first": norm_first}
    tgt, memory = rng.standard_normal((2, 4, 8)), rng.standard_normal((2, 5, 8))
    for name, layer, stack, inputs in (
        ("TransformerEncoder", TransformerEncoderLayer, TransformerEncoder, [tgt]),
        ("TransformerDecoder", TransformerDecoderLayer, TransformerDecoder, [tgt, memory]),
    ):
        ours = shaken(stack(layer(8, 2, 12, **options), 3, LayerNorm(8)), rng)
        output = ours.forward(*inputs)
        grad_out = rng.standard_normal(output.shape)
        whole = options | {"num_layers": 3, "norm": True}
        expected = transformer(name, (8, 2, 12), whole, ours.state_dict(), inputs, grad_out)
        assert_close(expected["output"], output)
        assert_gradients(expected, ours, ours.backward(grad_out))


@pytest.mark.parametrize("norm_first", [True, False])
@pytest.mark.parametrize("pad_id", [None, 0])
def test_transformer_equals_torch(pad_id: int | None, norm_first: bool) -> None:
    rng = np.random.default_rng(3)
    ours = shaken(make_transformer(rng, pad_id, norm_first=norm_first), rng)
    src, tgt = rng.integers(1, 7, (3, 5)), rng.integers(1, 6, (3, 4))
    src[0, 3:], tgt[1, 2:] = 0, 0
    logits = ours.forward(src, tgt)
    grad_out = rng.standard_normal(logits.shape)
    expected = transformer(
        "Transformer", (7, 6, 8, 2, 2, 2, 12, 0.0), {"norm_first": norm_first, "pad_id": pad_id},
        ours.state_dict(), [src, tgt], grad_out,
    )  # fmt: skip
    assert_close(expected["output"], logits)
    assert_gradients(expected, ours, ours.backward(grad_out))


def test_the_oracles_positions_are_those_of_week_3() -> None:
    table = positioned(torch.zeros(1, 9, 6, dtype=torch.float64))
    assert_close(PositionalEncoding(6).pe[:9], table[0])


def test_gradients_are_the_slopes_of_the_loss() -> None:
    rng = np.random.default_rng(4)
    ours = shaken(TransformerDecoderLayer(4, 2, 6, 0.0, "gelu", norm_first=True, rng=rng), rng)
    tgt, memory = rng.standard_normal((1, 3, 4)), rng.standard_normal((1, 2, 4))
    grad_out = rng.standard_normal(tgt.shape)

    def loss() -> float:
        return float((ours.forward(tgt, memory, causal_mask(3)) * grad_out).sum())

    loss()
    grad_tgt, grad_memory = ours.backward(grad_out)
    assert_close(numeric_gradient(loss, tgt), grad_tgt, 1e-6)
    assert_close(numeric_gradient(loss, memory), grad_memory, 1e-6)


# ---- what the classes promise ---------------------------------------------------------------


def test_float32_stays_float32() -> None:
    rng = np.random.default_rng(5)
    ours = make_transformer(rng, 0, activation="gelu").to(np.float32)
    logits = ours.forward(np.array([[1, 2, 0]]), np.array([[1, 2]]))
    assert logits.dtype == np.float32
    ours.backward(logits)
    assert all(parameter.grad.dtype == np.float32 for parameter in ours.parameters())


def test_a_query_that_may_see_no_key_gets_the_bias_alone() -> None:
    rng = np.random.default_rng(6)
    ours = shaken(MultiHeadAttention(4, 2, rng=rng), rng)
    x = rng.standard_normal((1, 3, 4))
    output, weights = ours.forward(x, x, x, np.ones((1, 3), np.bool_))
    np.testing.assert_array_equal(np.zeros((1, 3, 3)), weights)
    assert_close(np.tile(ours.out_proj.bias.data, (1, 3, 1)), output)
    assert np.isfinite(ours.backward(x)[0]).all()


def test_copies_of_a_layer_have_own_parameters_and_one_generator() -> None:
    layer = TransformerEncoderLayer(4, 2, 6, 0.5, rng=np.random.default_rng(7))
    stack = TransformerEncoder(layer, 2)
    one, two = stack.layers
    assert one.linear1.weight is not two.linear1.weight
    np.testing.assert_array_equal(one.linear1.weight.data, two.linear1.weight.data)
    assert one.dropout1.rng is two.dropout1.rng is layer.rng
    assert len(stack.parameters()) == 2 * len(layer.parameters())


def test_dropout_is_for_training_only() -> None:
    ours = make_transformer(np.random.default_rng(8), dropout=0.4)
    src, tgt = np.array([[1, 2, 3]]), np.array([[1, 2]])
    assert not np.array_equal(ours.forward(src, tgt), ours.forward(src, tgt))
    ours.eval()
    np.testing.assert_array_equal(ours.forward(src, tgt), ours.forward(src, tgt))


def test_layers_of_a_transformer_begin_with_different_matrices_in_torchs_range() -> None:
    ours = make_transformer(np.random.default_rng(9))
    one, two = ours.encoder.layers
    assert not np.array_equal(one.linear1.weight.data, two.linear1.weight.data)
    weight = one.linear1.weight.data
    assert 0.8 < np.abs(weight).max() / np.sqrt(6 / 20) <= 1


def test_a_position_depends_on_no_later_one() -> None:
    rng = np.random.default_rng(10)
    ours = make_transformer(rng)
    src, tgt = rng.integers(7, size=(2, 4)), rng.integers(6, size=(2, 5))
    changed = tgt.copy()
    changed[:, 3:] = (changed[:, 3:] + 1) % 6
    before, after = ours.forward(src, tgt), ours.forward(src, changed)
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert (before[:, 3:] != after[:, 3:]).all()


def test_padding_changes_nothing() -> None:
    rng = np.random.default_rng(11)
    ours = make_transformer(rng, 0)
    src, tgt = rng.integers(1, 7, (2, 4)), rng.integers(1, 6, (2, 5))
    longer = np.pad(src, ((0, 0), (0, 3)))
    assert_close(ours.forward(src, tgt), ours.forward(longer, tgt))


def test_greedy_decoding_takes_the_best_token_of_the_last_position() -> None:
    rng = np.random.default_rng(12)
    ours = shaken(make_transformer(rng), rng)
    src = rng.integers(7, size=(5, 4))
    got = ours.generate(src, 6, bos_id=1)
    begun = np.concatenate([np.full((5, 1), 1), got[:, :-1]], axis=1)
    np.testing.assert_array_equal(ours.forward(src, begun).argmax(axis=-1), got)
    eos = int(got[0, 1])
    ended = ours.generate(src, 6, 1, eos)
    for free, row in zip(got, ended, strict=True):
        stop = [*free, eos].index(eos)
        np.testing.assert_array_equal(free[:stop], row[:stop])
        assert (row[stop:] == eos).all()


# ---- bad input --------------------------------------------------------------------------------


@pytest.mark.parametrize("heads", [0, -2, 3])
def test_heads_that_do_not_divide_are_refused(heads: int) -> None:
    with pytest.raises(ValueError, match=f"embed_dim 8 can't be shared evenly by {heads} heads"):
        MultiHeadAttention(8, heads)


@pytest.mark.parametrize(
    ("masks", "error", "message"),
    [
        (
            {"attn_mask": np.zeros((4, 5))},
            ValueError,
            r"attn_mask has shape \(4, 5\), not \(3, 5\)",
        ),
        ({"attn_mask": np.zeros((2, 3, 5))}, ValueError, r"not \(4, 3, 5\)"),
        ({"attn_mask": np.zeros(5)}, ValueError, r"attn_mask has shape \(5,\)"),
        ({"attn_mask": np.zeros((3, 5), int)}, TypeError, "boolean or floating, not int64"),
        (
            {"key_padding_mask": np.zeros((2, 3))},
            ValueError,
            r"key_padding_mask has shape \(2, 3\)",
        ),
        ({"key_padding_mask": np.zeros(5)}, ValueError, r"not \(2, 5\)"),
        (
            {"key_padding_mask": np.zeros((2, 5), int)},
            TypeError,
            "key_padding_mask must be boolean",
        ),
    ],
)
def test_masks_that_do_not_fit_are_refused(
    masks: dict[str, Array], error: type[Exception], message: str
) -> None:
    query, key = np.ones((2, 3, 4)), np.ones((2, 5, 4))
    with pytest.raises(error, match=message):
        MultiHeadAttention(4, 2).forward(query, key, key, **masks)


@pytest.mark.parametrize(
    ("shapes", "message"),
    [
        (((2, 3, 5), (2, 3, 4), (2, 3, 4)), "query"),
        (((2, 3, 4), (1, 3, 4), (1, 3, 4)), "key"),
        (((2, 3, 4), (2, 5, 4), (2, 3, 4)), "value"),
        (((2, 0, 4), (2, 3, 4), (2, 3, 4)), "empty sequence"),
        (((2, 3, 4), (2, 0, 4), (2, 0, 4)), "empty sequence"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(shapes: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        MultiHeadAttention(4, 2).forward(*(np.ones(shape) for shape in shapes))


def test_other_arguments_that_are_refused() -> None:
    with pytest.raises(ValueError, match=r"one of \['relu', 'gelu'\], not 'tanh'"):
        TransformerEncoderLayer(4, 2, activation="tanh")
    with pytest.raises(ValueError, match="num_layers must be at least 1, not 0"):
        TransformerEncoder(TransformerEncoderLayer(4, 2, 6), 0)
    with pytest.raises(ValueError, match=r"p must be in \[0, 1\], not -0.5"):
        TransformerDecoderLayer(4, 2, 6, -0.5)


@pytest.mark.parametrize("wrong", [(3, 8), (1, 3, 8), (2, 3, 1), (2, 8, 3)])
def test_a_gradient_unlike_the_output_is_refused(wrong: tuple[int, ...]) -> None:
    x = np.random.default_rng(13).standard_normal((2, 3, 8))
    for ours in (TransformerEncoderLayer(8, 2, 6), TransformerDecoderLayer(8, 2, 6)):
        ours.forward(*[x] * (2 if isinstance(ours, TransformerDecoderLayer) else 1))
        assert_refuses_gradient(ours, wrong, (2, 3, 8))


@pytest.mark.parametrize(
    ("src", "tgt", "error", "message"),
    [
        (np.ones((2, 0), int), np.ones((2, 3), int), ValueError, "empty sequence"),
        (np.ones((2, 3), int), np.ones((2, 0), int), ValueError, "empty sequence"),
        (np.ones((2, 9), int), np.ones((2, 3), int), ValueError, "more than 6 positions"),
        (np.ones((2, 3), int), np.ones((2, 9), int), ValueError, "more than 6 positions"),
        (np.ones((2, 3), int), np.ones((1, 3), int), ValueError, r"tgt has shape \(1, 3\)"),
        (np.ones(3, int), np.ones((2, 3), int), ValueError, r"src has shape \(3,\)"),
        (np.ones((2, 3)), np.ones((2, 3), int), TypeError, "ids must be integers"),
        (np.full((2, 3), 7), np.ones((2, 3), int), IndexError, "7"),
    ],
)
def test_tokens_that_do_not_fit_are_refused(
    src: Array, tgt: Array, error: type[Exception], message: str
) -> None:
    ours = make_transformer(np.random.default_rng(14), max_len=6)
    with pytest.raises(error, match=message):
        partial(ours.forward, src, tgt)()
