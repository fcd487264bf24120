"""The reference of week 10: masking, the loss of what is masked, BERT."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, assert_refuses_gradient, numeric_gradient
from given.data import alice
from given.module import Module
from week_10.bert import Bert, BertEmbeddings, MaskedLMHead
from week_10.masking import IGNORED, MaskedCrossEntropyLoss, mask_tokens

from autograder.loading import importable

with importable(Path(__file__).parents[2] / "solutions" / "oracles"):  # it imports its neighbour
    bert = importlib.import_module("bert").bert
SIZES: dict[str, Any] = {"d_model": 8, "nhead": 2, "num_layers": 2, "dim_feedforward": 12}
SIZES |= {"dropout": 0.0, "max_len": 6}


def shaken(module: Module, rng: np.random.Generator) -> Module:
    """Other values for every parameter: no weight of zero or one hides what it does."""
    for parameter in module.parameters():
        parameter.data = parameter.data + 0.3 * rng.standard_normal(parameter.data.shape)
    return module


def hide(rows: int, seed: int = 0, **options: Any) -> tuple[Array, Array, Array]:
    """Ids, and what mask_tokens makes of them: 12 tokens, the mask is 1."""
    ids = np.random.default_rng(1).integers(2, 12, (rows, 50))
    return ids, *mask_tokens(ids, 12, 1, np.random.default_rng(seed), **options)


# ---- masking -------------------------------------------------------------------------------


def test_shares_of_the_masking() -> None:
    ids, inputs, labels = hide(4000)
    chosen = labels != IGNORED
    assert chosen.mean() == pytest.approx(0.15, abs=0.005)
    assert (inputs == 1)[chosen].mean() == pytest.approx(0.8, abs=0.01)
    assert (inputs == ids)[chosen].mean() == pytest.approx(0.1 + 0.1 / 11, abs=0.01)
    assert (inputs == ids)[~chosen].all()
    assert (labels == ids)[chosen].all()


def test_masking_is_that_of_its_generator() -> None:
    one, same, other = hide(20), hide(20), hide(20, seed=1)
    assert all(np.array_equal(a, b) for a, b in zip(one, same, strict=True))
    assert not np.array_equal(one[2], other[2])


def test_special_tokens_are_neither_chosen_nor_drawn() -> None:
    ids, inputs, labels = hide(2000, special_ids=[0, 5], probability=0.9)
    assert (labels[ids == 5] == IGNORED).all()
    assert (inputs == 5).sum() == (ids == 5).sum()
    assert set(np.unique(inputs)) == set(range(1, 12))


@pytest.mark.parametrize(
    ("ids", "probability", "error"),
    [
        (np.array([0.5]), 0.15, TypeError),
        (np.array([12]), 0.15, IndexError),
        (np.array([-1]), 0.15, IndexError),
        (np.array([3]), 1.5, ValueError),
    ],
)
def test_masking_refuses(ids: Array, probability: float, error: type[Exception]) -> None:
    with pytest.raises(error):
        mask_tokens(ids, 12, 1, np.random.default_rng(0), probability=probability)


def test_loss_is_that_of_torch() -> None:
    rng, loss = np.random.default_rng(0), MaskedCrossEntropyLoss()
    logits, (_, _, labels) = rng.standard_normal((4, 50, 12)), hide(4)
    leaf = torch.tensor(logits, requires_grad=True)
    rows = torch.tensor(labels).reshape(-1)
    expected = torch.nn.functional.cross_entropy(leaf.reshape(-1, 12), rows, ignore_index=IGNORED)
    expected.backward()
    assert loss.forward(logits, labels) == pytest.approx(expected.item())
    assert_close(leaf.grad, loss.backward())
    assert_refuses_gradient(loss, (3,), ())


def test_nothing_to_guess_is_an_error() -> None:
    with pytest.raises(ValueError, match="no position"):
        MaskedCrossEntropyLoss().forward(np.zeros((2, 3)), np.full(2, IGNORED))


# ---- BERT ----------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"norm_first": True}, {"pad_id": 3}])
def test_bert_is_that_of_torch(options: dict[str, Any]) -> None:
    rng = np.random.default_rng(0)
    model = shaken(Bert(9, **SIZES, **options, rng=rng), rng)
    ids, segments = rng.integers(9, size=(3, 6)), rng.integers(2, size=(3, 6))
    ids[:, 0] = 1  # a row of padding alone would see nothing
    grad_out = rng.standard_normal((3, 6, 9))
    args = [9, *(SIZES[name] for name in list(SIZES)[:5])]
    expected = bert(
        "Bert", args, {"max_len": 6} | options, model.state_dict(), [ids, segments], grad_out
    )
    assert_close(expected["output"], model.forward(ids, segments))
    model.backward(grad_out)
    for name, parameter in model.named_parameters():
        assert_close(expected[f"grad_{name}"], parameter.grad)


def test_gradient_of_the_table_is_that_of_differences() -> None:
    rng = np.random.default_rng(0)
    model = shaken(Bert(9, **SIZES, rng=rng), rng)
    ids, grad_out = rng.integers(9, size=(2, 4)), rng.standard_normal((2, 4, 9))
    table = model.embeddings.token.weight
    numeric = numeric_gradient(lambda: float((model.forward(ids) * grad_out).sum()), table.data)
    model.forward(ids)
    model.backward(grad_out)
    assert_close(numeric, table.grad, 1e-6)


def test_head_refuses_a_gradient_and_a_table_that_do_not_fit() -> None:
    rng, head = np.random.default_rng(0), MaskedLMHead(9, 8)
    head.forward(rng.standard_normal((2, 3, 8)), rng.standard_normal((9, 8)))
    assert_refuses_gradient(head, (1, 3, 9), (2, 3, 9))
    with pytest.raises(ValueError, match="table"):
        head.forward(rng.standard_normal((2, 3, 8)), rng.standard_normal((8, 8)))


@pytest.mark.parametrize(
    ("ids", "error"),
    [
        (np.zeros((2, 0), np.int64), ValueError),
        (np.zeros((2, 7), np.int64), ValueError),
        (np.zeros(3, np.int64), ValueError),
        (np.full((2, 3), 9), IndexError),
        (np.full((2, 3), -1), IndexError),
        (np.full((2, 3), 0.5), TypeError),
    ],
)
def test_embeddings_refuse(ids: Array, error: type[Exception]) -> None:
    with pytest.raises(error):
        BertEmbeddings(9, 8, max_len=6).forward(ids)


def test_the_book_is_ascii_prose() -> None:
    text = alice()
    assert text.isascii()
    assert len(text) > 140_000
    assert text.startswith("CHAPTER I.")
    assert "*" not in text
