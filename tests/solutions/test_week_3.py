"""The reference of week 3: optimizers, dropout, embedding, positional encoding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given.module import Parameter
from hypothesis import given, settings
from hypothesis import strategies as st
from week_3.dropout import Dropout
from week_3.embedding import Embedding
from week_3.optim import SGD, Adam, Optimizer
from week_3.positional_encoding import PositionalEncoding

few = settings(max_examples=20, deadline=None, derandomize=True)

PAIRS = [(SGD, torch.optim.SGD), (Adam, torch.optim.Adam)]
SHAPES = [(4, 3), (3,), (), (2, 1, 5), (4, 3)]

rate = st.floats(1e-4, 0.5)
share = st.floats(0.01, 0.99)
sgd_options = st.one_of(
    st.just({}),
    st.fixed_dictionaries({"lr": rate, "weight_decay": share}),
    st.fixed_dictionaries({"lr": rate, "momentum": share, "dampening": share}),
    st.fixed_dictionaries({"lr": rate, "momentum": share, "nesterov": st.just(True)}),
    st.fixed_dictionaries(
        {"lr": rate, "momentum": share, "dampening": share, "weight_decay": share}
    ),
    st.fixed_dictionaries(
        {"lr": rate, "momentum": share, "weight_decay": share, "nesterov": st.just(True)}
    ),
)
adam_options = st.fixed_dictionaries(
    {"lr": rate},
    optional={
        "betas": st.tuples(st.floats(0, 0.99), st.floats(0, 0.9999)),
        "eps": st.floats(1e-10, 0.1),
        "weight_decay": share,
    },
)


def parameters_of(
    rng: np.random.Generator, dtype: Any = np.float64
) -> tuple[list[Parameter], list[torch.nn.Parameter]]:
    """The same random values as parameters of the course and of torch."""
    values = [np.asarray(rng.standard_normal(shape)).astype(dtype) for shape in SHAPES]
    return (
        [Parameter(value) for value in values],
        [torch.nn.Parameter(torch.tensor(value)) for value in values],
    )


def set_gradients(
    rng: np.random.Generator,
    ours: list[Parameter],
    theirs: list[torch.nn.Parameter],
    missing: float = 0.0,
) -> None:
    """The same random gradient for both; none at all with the probability `missing`."""
    for parameter, tensor in zip(ours, theirs, strict=True):
        if rng.random() < missing:
            parameter.grad = tensor.grad = None
        else:
            gradient = np.asarray(rng.standard_normal(parameter.data.shape))
            parameter.grad = gradient.astype(parameter.data.dtype)
            tensor.grad = torch.tensor(parameter.grad)


def assert_same_trajectory(
    pair: Any, options: dict[str, Any], seed: int, missing: float = 0.0, steps: int = 25
) -> None:
    rng = np.random.default_rng(seed)
    ours, theirs = parameters_of(rng)
    optimizer, reference = pair[0](ours, **options), pair[1](theirs, **options)
    for _ in range(steps):
        set_gradients(rng, ours, theirs, missing)
        optimizer.step()
        reference.step()
        for parameter, tensor in zip(ours, theirs, strict=True):
            assert_close(tensor.detach(), parameter.data)


@few
@given(options=sgd_options, seed=st.integers(0, 99))
def test_sgd_follows_torch(options: dict[str, Any], seed: int) -> None:
    assert_same_trajectory(PAIRS[0], options, seed)


@few
@given(options=adam_options, seed=st.integers(0, 99))
def test_adam_follows_torch(options: dict[str, Any], seed: int) -> None:
    assert_same_trajectory(PAIRS[1], options, seed)


@pytest.mark.parametrize(
    ("pair", "options"),
    [(PAIRS[0], {"lr": 0.1, "momentum": 0.9, "weight_decay": 0.1}), (PAIRS[1], {"lr": 0.1})],
)
def test_a_parameter_without_gradient_keeps_its_value_and_its_state(
    pair: Any, options: dict[str, Any]
) -> None:
    assert_same_trajectory(pair, options, seed=1, missing=0.4, steps=40)


@pytest.mark.parametrize("pair", PAIRS)
def test_defaults_are_those_of_torch(pair: Any) -> None:
    assert_same_trajectory(pair, {}, seed=2)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
def test_a_step_leaves_the_gradients_unchanged(pair: Any, weight_decay: float) -> None:
    rng = np.random.default_rng(3)
    ours, theirs = parameters_of(rng)
    set_gradients(rng, ours, theirs)
    optimizer = pair[0](ours, weight_decay=weight_decay)
    optimizer.step()
    optimizer.step()
    for parameter, tensor in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(parameter.grad, tensor.grad)


@pytest.mark.parametrize("options", [{"momentum": 0.9}, {"momentum": 0.9, "nesterov": True}])
def test_sgd_velocity_is_not_the_gradient_itself(options: dict[str, Any]) -> None:
    ours, theirs = Parameter(np.ones(3)), torch.nn.Parameter(torch.ones(3, dtype=torch.float64))
    ours.grad, theirs.grad = np.ones(3), torch.ones(3, dtype=torch.float64)
    optimizer, reference = SGD([ours], 0.1, **options), torch.optim.SGD([theirs], 0.1, **options)
    for _ in range(5):
        optimizer.step()
        reference.step()
        ours.grad += 1.0  # as a backward without zero_grad does
        theirs.grad += 1.0
    assert_close(theirs.detach(), ours.data)


@pytest.mark.parametrize("pair", PAIRS)
def test_float32_stays_float32(pair: Any) -> None:
    rng = np.random.default_rng(4)
    ours, theirs = parameters_of(rng)
    optimizer = pair[0](ours, lr=0.01, weight_decay=0.1)
    for parameter in ours:  # as Module.to does, after the optimizer was made
        parameter.data = parameter.data.astype(np.float32)
    theirs = [torch.nn.Parameter(tensor.detach().float()) for tensor in theirs]
    reference = pair[1](theirs, lr=0.01, weight_decay=0.1)
    for _ in range(20):
        set_gradients(rng, ours, theirs)
        optimizer.step()
        reference.step()
    for parameter, tensor in zip(ours, theirs, strict=True):
        assert parameter.data.dtype == np.float32
        assert_close(tensor.detach(), parameter.data, relative=1e-5)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_zero_grad_sets_zeros_and_leaves_none(optimizer: type[Optimizer]) -> None:
    first, second = Parameter(np.ones((2, 3))), Parameter(np.ones(2))
    first.grad, second.grad = np.ones((2, 3)), None
    optimizer([first, second]).zero_grad()
    np.testing.assert_array_equal(first.grad, np.zeros((2, 3)))
    assert second.grad is None


def test_sgd_on_a_parabola_shrinks_by_a_constant_factor() -> None:
    parameter = Parameter(np.array([3.0, -2.0]))
    optimizer = SGD([parameter], lr=0.1)
    for _ in range(20):
        parameter.grad = parameter.data.copy()  # the gradient of ½ ‖θ‖²
        optimizer.step()
    assert_close(np.array([3.0, -2.0]) * 0.9**20, parameter.data)


def test_adam_first_step_has_the_length_lr() -> None:
    parameter = Parameter(np.zeros(3))
    parameter.grad = np.array([1e-3, -1.0, 1e3])
    Adam([parameter], lr=0.01, eps=0.0).step()
    assert_close(np.array([-0.01, 0.01, -0.01]), parameter.data)


def test_parameters_may_come_from_a_generator() -> None:
    parameters = [Parameter(np.ones(2)), Parameter(np.ones(3))]
    optimizer = SGD(p for p in parameters)
    assert optimizer.params == parameters


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("options", [{"lr": -0.1}, {"weight_decay": -0.1}])
def test_arguments_that_torch_rejects(pair: Any, options: dict[str, Any]) -> None:
    for optimizer, parameter in zip(pair, (Parameter, torch.nn.Parameter), strict=True):
        with pytest.raises(ValueError):
            optimizer([parameter(torch.ones(2))], **options)


@pytest.mark.parametrize(
    "options",
    [
        {"momentum": -0.1},
        {"nesterov": True},
        {"nesterov": True, "momentum": 0.9, "dampening": 0.1},
    ],
)
def test_arguments_that_torch_sgd_rejects(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        torch.optim.SGD([torch.nn.Parameter(torch.ones(2))], **options)
    with pytest.raises(ValueError):
        SGD([Parameter(np.ones(2))], **options)


@pytest.mark.parametrize("options", [{"eps": -1.0}, {"betas": (1.0, 0.9)}, {"betas": (0.9, -0.1)}])
def test_arguments_that_torch_adam_rejects(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        torch.optim.Adam([torch.nn.Parameter(torch.ones(2))], **options)
    with pytest.raises(ValueError):
        Adam([Parameter(np.ones(2))], **options)


@pytest.mark.parametrize("optimizer", [SGD, Adam])
def test_an_optimizer_of_nothing_is_rejected(optimizer: type[Optimizer]) -> None:
    with pytest.raises(ValueError, match="empty"):
        optimizer([])


def dropout(p: float, seed: int = 0) -> Dropout:
    return Dropout(p, rng=np.random.default_rng(seed))


@pytest.mark.parametrize("p", [0.1, 0.5, 0.9])
def test_dropout_drops_the_share_p_and_scales_the_rest(p: float) -> None:
    x = np.random.default_rng(5).standard_normal((200, 100))
    y = dropout(p).forward(x)
    kept = y != 0
    deviation = math.sqrt(p * (1 - p) / x.size)
    assert abs(kept.mean() - (1 - p)) < 5 * deviation
    assert_close(x[kept] / (1 - p), y[kept])


def test_dropout_drops_in_every_row_and_column() -> None:
    kept = dropout(0.5).forward(np.ones((64, 64))) != 0
    for axis in (0, 1):
        assert kept.sum(axis=axis).min() > 0
        assert kept.sum(axis=axis).max() < 64


@few
@given(
    shape=st.lists(st.integers(1, 5), max_size=4).map(tuple),
    p=st.floats(0, 1),
    seed=st.integers(0, 99),
)
def test_dropout_backward_uses_the_mask_of_forward(
    shape: tuple[int, ...], p: float, seed: int
) -> None:
    layer = dropout(p, seed)
    mask = layer.forward(np.ones(shape))
    grad_out = np.random.default_rng(seed).standard_normal(shape)
    np.testing.assert_array_equal(layer.backward(grad_out), grad_out * mask)
    np.testing.assert_array_equal(layer.backward(grad_out), grad_out * mask)


def test_dropout_draws_a_new_mask_in_every_forward() -> None:
    layer, x = dropout(0.5), np.ones((20, 20))
    assert (layer.forward(x) != layer.forward(x)).any()


def test_dropout_masks_come_from_the_generator() -> None:
    x = np.ones((20, 20))
    np.testing.assert_array_equal(dropout(0.5, 1).forward(x), dropout(0.5, 1).forward(x))
    assert (dropout(0.5, 1).forward(x) != dropout(0.5, 2).forward(x)).any()


def test_dropout_is_the_identity_in_eval() -> None:
    layer, x = dropout(0.5), np.random.default_rng(6).standard_normal((4, 5))
    layer.forward(x)  # a mask of training must not survive
    layer.eval()
    np.testing.assert_array_equal(layer.forward(x), x)
    np.testing.assert_array_equal(layer.backward(2 * x), 2 * x)


@pytest.mark.parametrize(("p", "factor"), [(0.0, 1.0), (1.0, 0.0)])
def test_dropout_of_nothing_and_of_everything(p: float, factor: float) -> None:
    layer, x = dropout(p), np.random.default_rng(7).standard_normal((4, 5))
    np.testing.assert_array_equal(layer.forward(x), factor * x)
    np.testing.assert_array_equal(layer.backward(x + 1), factor * (x + 1))


def test_dropout_keeps_float32_and_its_input() -> None:
    layer, x = dropout(0.3), np.ones((3, 4), dtype=np.float32)
    assert layer.forward(x).dtype == np.float32
    assert layer.backward(x).dtype == np.float32
    np.testing.assert_array_equal(x, np.ones((3, 4)))


@pytest.mark.parametrize("wrong", [(4, 1), (5,), (1, 4, 5), ()])
@pytest.mark.parametrize("training", [True, False])
def test_dropout_rejects_a_gradient_of_another_shape(
    wrong: tuple[int, ...], training: bool
) -> None:
    layer = dropout(0.5)
    layer.train(training)
    layer.forward(np.ones((4, 5)))
    assert_refuses_gradient(layer, wrong, (4, 5))


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_dropout_rejects_what_is_no_probability(p: float) -> None:
    with pytest.raises(ValueError, match=r"\[0, 1\]"):
        Dropout(p)


def embedding_pair(rows: int, dim: int, padding: int | None) -> tuple[Embedding, Any]:
    layer = Embedding(rows, dim, padding_idx=padding, rng=np.random.default_rng(8))
    reference = torch.nn.Embedding(rows, dim, padding_idx=padding, dtype=torch.float64)
    with torch.no_grad():
        reference.weight.copy_(torch.tensor(layer.weight.data))
    return layer, reference


@few
@given(data=st.data(), rows=st.integers(1, 6), dim=st.integers(1, 5))
def test_embedding_follows_torch(data: st.DataObject, rows: int, dim: int) -> None:
    shape = tuple(data.draw(st.lists(st.integers(0, 4), max_size=3)))
    padding = data.draw(st.none() | st.integers(-rows, rows - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    layer, reference = embedding_pair(rows, dim, padding)
    ids, grad_out = rng.integers(0, rows, shape), rng.standard_normal((*shape, dim))
    expected = reference(torch.tensor(ids))
    expected.backward(torch.tensor(grad_out))
    assert_close(expected.detach(), layer.forward(np.asarray(ids)))
    assert layer.backward(grad_out) is None
    assert_close(reference.weight.grad, layer.weight.grad)


def test_embedding_gradients_add_up_over_positions_and_calls() -> None:
    layer = Embedding(4, 2)
    layer.forward(np.array([[1, 1], [3, 1]]))
    layer.backward(np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]))
    once = np.array([[0.0, 0.0], [11.0, 14.0], [0.0, 0.0], [5.0, 6.0]])
    np.testing.assert_array_equal(layer.weight.grad, once)
    layer.backward(np.array([[[1.0, 2.0], [3.0, 4.0]], [[5.0, 6.0], [7.0, 8.0]]]))
    np.testing.assert_array_equal(layer.weight.grad, 2 * once)


def test_embedding_gradient_by_finite_differences() -> None:
    rng = np.random.default_rng(9)
    layer, ids = Embedding(5, 3, rng=rng), np.array([[0, 2, 2], [4, 2, 0]])
    grad_out = rng.standard_normal((2, 3, 3))
    layer.forward(ids)
    layer.backward(grad_out)
    numeric = numeric_gradient(
        lambda: float((layer.forward(ids) * grad_out).sum()), layer.weight.data
    )
    assert_close(numeric, layer.weight.grad, relative=1e-7)


def test_embedding_padding_row_is_zero_and_stays_without_gradient() -> None:
    layer = Embedding(4, 3, padding_idx=1)
    np.testing.assert_array_equal(layer.weight.data[1], np.zeros(3))
    assert (layer.weight.data[[0, 2, 3]] != 0).all()
    layer.forward(np.array([1, 2]))
    layer.backward(np.ones((2, 3)))
    np.testing.assert_array_equal(layer.weight.grad[1], np.zeros(3))
    np.testing.assert_array_equal(layer.weight.grad[2], np.ones(3))


def test_embedding_starts_from_a_standard_normal() -> None:
    weights = Embedding(500, 40, rng=np.random.default_rng(10)).weight.data
    assert abs(weights.mean()) < 5 / math.sqrt(weights.size)
    assert abs(weights.std() - 1) < 5 / math.sqrt(2 * weights.size)
    same = Embedding(500, 40, rng=np.random.default_rng(10)).weight.data
    np.testing.assert_array_equal(weights, same)


@pytest.mark.parametrize("ids", [[-1], [4], [[0, 1], [2, 9]]])
def test_embedding_rejects_ids_that_it_has_no_row_for(ids: list[Any]) -> None:
    layer, reference = embedding_pair(4, 2, None)
    with pytest.raises(IndexError):
        reference(torch.tensor(ids))
    with pytest.raises(IndexError, match=r"negative|out of bounds"):
        layer.forward(np.array(ids))


def test_embedding_rejects_a_gradient_of_another_shape() -> None:
    layer = Embedding(4, 2)
    layer.forward(np.array([1, 2]))
    for wrong in ((2, 1), (2,), (1, 2, 2), ()):
        assert_refuses_gradient(layer, wrong, (2, 2))


@pytest.mark.parametrize("ids", [np.array([0.0, 1.0]), np.array([True, False]), np.array([])])
def test_embedding_rejects_ids_that_are_not_integers(ids: Array) -> None:
    with pytest.raises(TypeError, match="integers"):
        Embedding(4, 2).forward(ids)


def test_embedding_rejects_a_padding_row_outside_the_table() -> None:
    with pytest.raises(ValueError, match="padding_idx"):
        Embedding(4, 2, padding_idx=4)


def test_embedding_keeps_float32() -> None:
    layer = Embedding(4, 2)
    layer.to(np.float32)
    out = layer.forward(np.array([1, 2, 1]))
    layer.backward(out)
    assert out.dtype == np.float32
    assert layer.weight.grad is not None
    assert layer.weight.grad.dtype == np.float32


@pytest.mark.parametrize("d_model", [1, 2, 7, 16])
def test_positional_encoding_table_is_the_formula(d_model: int) -> None:
    table = PositionalEncoding(d_model, max_len=40).pe
    assert table.shape == (40, d_model)
    for t in range(40):
        for column in range(d_model):
            angle = t / 10000 ** (2 * (column // 2) / d_model)
            expected = math.sin(angle) if column % 2 == 0 else math.cos(angle)
            assert math.isclose(expected, table[t, column], abs_tol=1e-12)


@few
@given(batch=st.integers(1, 4), steps=st.integers(1, 12), d_model=st.integers(1, 9))
def test_positional_encoding_adds_the_first_rows(batch: int, steps: int, d_model: int) -> None:
    x = np.random.default_rng(11).standard_normal((batch, steps, d_model))
    before, layer = x.copy(), PositionalEncoding(d_model, max_len=12)
    y = layer.forward(x)
    assert_close(x + np.stack([layer.pe[:steps]] * batch), y)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_array_equal(layer.backward(y), y)
    assert list(layer.named_parameters()) == []


def test_positional_encoding_keeps_float32() -> None:
    x = np.zeros((2, 3, 5), dtype=np.float32)
    assert PositionalEncoding(5).forward(x).dtype == np.float32


@pytest.mark.parametrize("shape", [(2, 11, 6), (2, 10, 5), (10, 6)])
def test_positional_encoding_rejects_other_shapes(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="shape"):
        PositionalEncoding(6, max_len=10).forward(np.zeros(shape))


@pytest.mark.parametrize("wrong", [(2, 1, 6), (3, 6), (2, 4, 6), ()])
def test_positional_encoding_rejects_a_gradient_of_another_shape(wrong: tuple[int, ...]) -> None:
    layer = PositionalEncoding(6, max_len=10)
    layer.forward(np.zeros((2, 3, 6)))
    assert_refuses_gradient(layer, wrong, (2, 3, 6))
