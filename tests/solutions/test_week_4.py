"""The reference of week 4: recurrent network, vocabulary, tokenizer."""

from __future__ import annotations

import random
import unicodedata
from typing import Any

import numpy as np
import pytest
import torch
from comparison import Array, assert_close, numeric_gradient
from hypothesis import given, settings
from hypothesis import strategies as st
from week_4.rnn import RNN
from week_4.tokenizer import WordTokenizer
from week_4.vocabulary import Vocabulary

few = settings(max_examples=25, deadline=None, derandomize=True)

NAMES = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"]


def rnn_pair(
    features: int, hidden: int, nonlinearity: str = "tanh", bias: bool = True
) -> tuple[RNN, torch.nn.RNN]:
    """The layer and torch's, with the same weights."""
    layer = RNN(features, hidden, nonlinearity, bias, rng=np.random.default_rng(1))
    reference = torch.nn.RNN(
        features,
        hidden,
        nonlinearity=nonlinearity,
        bias=bias,
        batch_first=True,
        dtype=torch.float64,
    )
    with torch.no_grad():
        for name, parameter in layer.named_parameters():
            getattr(reference, f"{name}_l0").copy_(torch.tensor(parameter.data))
    return layer, reference


def assert_follows_torch(
    layer: RNN,
    reference: torch.nn.RNN,
    shape: tuple[int, int, int],
    *,
    seed: int = 0,
    initial_state: bool = True,
    final_gradient: bool = True,
) -> None:
    """forward, the gradients of x, h0 and every parameter, once with one random batch."""
    rng = np.random.default_rng(seed)
    state_shape = (1, shape[0], layer.hidden_size)
    x = rng.standard_normal(shape)
    h0 = rng.standard_normal(state_shape) if initial_state else None
    grad_output = rng.standard_normal((*shape[:2], layer.hidden_size))
    grad_h_n = rng.standard_normal(state_shape) if final_gradient else None

    tensor = torch.tensor(x, requires_grad=True)
    state = torch.tensor(h0 if h0 is not None else np.zeros(state_shape), requires_grad=True)
    reference.zero_grad()
    output, h_n = reference(tensor, state)
    last = grad_h_n if grad_h_n is not None else np.zeros(state_shape)
    torch.autograd.backward([output, h_n], [torch.tensor(grad_output), torch.tensor(last)])

    layer.zero_grad()
    actual_output, actual_h_n = layer.forward(x, h0)
    assert_close(output.detach(), actual_output)
    assert_close(h_n.detach(), actual_h_n)
    grad_x, grad_h0 = layer.backward(grad_output, grad_h_n)
    assert_close(tensor.grad, grad_x)
    assert_close(state.grad, grad_h0)
    for name, parameter in layer.named_parameters():
        assert_close(getattr(reference, f"{name}_l0").grad, parameter.grad)


@few
@given(
    shape=st.tuples(st.integers(1, 4), st.integers(1, 7), st.integers(1, 4)),
    hidden=st.integers(1, 5),
    nonlinearity=st.sampled_from(["tanh", "relu"]),
    bias=st.booleans(),
    initial_state=st.booleans(),
    final_gradient=st.booleans(),
    seed=st.integers(0, 99),
)
def test_rnn_follows_torch(
    shape: tuple[int, int, int],
    hidden: int,
    nonlinearity: str,
    bias: bool,
    initial_state: bool,
    final_gradient: bool,
    seed: int,
) -> None:
    assert_follows_torch(
        *rnn_pair(shape[2], hidden, nonlinearity, bias),
        shape,
        seed=seed,
        initial_state=initial_state,
        final_gradient=final_gradient,
    )


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
@pytest.mark.parametrize("steps", [1, 100])
def test_rnn_over_one_and_over_a_hundred_steps(nonlinearity: str, steps: int) -> None:
    assert_follows_torch(*rnn_pair(3, 8, nonlinearity), (2, steps, 3))


def test_rnn_calls_of_other_shapes_share_nothing() -> None:
    layer, reference = rnn_pair(3, 4)
    for shape in [(2, 5, 3), (4, 2, 3), (1, 7, 3)]:
        assert_follows_torch(layer, reference, shape, initial_state=False)


@pytest.mark.parametrize("nonlinearity", ["tanh", "relu"])
def test_rnn_gradients_by_finite_differences(nonlinearity: str) -> None:
    rng = np.random.default_rng(2)
    layer = RNN(2, 3, nonlinearity, rng=rng)
    x, h0 = rng.standard_normal((2, 4, 2)), rng.standard_normal((1, 2, 3))
    grad_output, grad_h_n = rng.standard_normal((2, 4, 3)), rng.standard_normal((1, 2, 3))

    def loss() -> float:
        output, h_n = layer.forward(x, h0)
        return float((output * grad_output).sum() + (h_n * grad_h_n).sum())

    layer.forward(x, h0)
    grad_x, grad_h0 = layer.backward(grad_output, grad_h_n)
    assert_close(numeric_gradient(loss, x), grad_x, relative=1e-6)
    assert_close(numeric_gradient(loss, h0), grad_h0, relative=1e-6)
    for parameter in layer.parameters():
        numeric = numeric_gradient(loss, parameter.data)
        assert_close(numeric, parameter.grad, relative=1e-6)


def test_rnn_gradients_add_up_and_a_second_backward_is_the_same() -> None:
    rng = np.random.default_rng(3)
    layer, x, grad = RNN(2, 3), rng.standard_normal((2, 4, 2)), rng.standard_normal((2, 4, 3))
    layer.forward(x)
    first = layer.backward(grad)
    once = [np.array(parameter.grad) for parameter in layer.parameters()]
    second = layer.backward(grad)
    for one, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(one, other)
    for gradient, parameter in zip(once, layer.parameters(), strict=True):
        assert_close(2 * gradient, parameter.grad)


def test_rnn_leaves_inputs_unchanged_and_takes_any_memory_order() -> None:
    rng = np.random.default_rng(4)
    layer, reference = rnn_pair(3, 4)
    x = rng.standard_normal((5, 3, 2)).transpose(2, 0, 1)
    h0, grad = rng.standard_normal((1, 2, 4)), rng.standard_normal((4, 5, 2)).T
    copies = x.copy(), h0.copy(), grad.copy()
    output, _ = layer.forward(x, h0)
    expected, _ = reference(torch.tensor(x), torch.tensor(h0))
    assert_close(expected.detach(), output)
    output[...] = 0.0  # the caller's array; backward has its own
    actual = layer.backward(grad)
    layer.forward(*copies[:2])
    for one, other in zip(actual, layer.backward(copies[2]), strict=True):
        assert_close(other, one)
    for before, after in zip(copies, (x, h0, grad), strict=True):
        np.testing.assert_array_equal(after, before)


def test_rnn_keeps_float32() -> None:
    layer = RNN(2, 3)
    layer.to(np.float32)
    x = np.ones((2, 4, 2), dtype=np.float32)
    output, h_n = layer.forward(x)
    arrays = [output, h_n, *layer.backward(output, h_n)]
    arrays += [parameter.grad for parameter in layer.parameters()]
    assert [array.dtype for array in arrays] == [np.float32] * 8


def test_rnn_saturates_without_warnings() -> None:
    layer = RNN(2, 3, rng=np.random.default_rng(5))
    output, _ = layer.forward(np.full((1, 3, 2), 1e4))
    grad_x, _ = layer.backward(output)
    assert (np.abs(output) == 1).all()
    np.testing.assert_array_equal(grad_x, np.zeros((1, 3, 2)))


def test_rnn_parameters_are_torchs() -> None:
    layer = RNN(50, 16, rng=np.random.default_rng(6))
    assert [name for name, _ in layer.named_parameters()] == NAMES
    shapes = [parameter.data.shape for parameter in layer.parameters()]
    assert shapes == [(16, 50), (16, 16), (16,), (16,)]
    values = np.concatenate([parameter.data.ravel() for parameter in layer.parameters()])
    assert 0.24 < np.abs(values).max() <= 0.25
    assert abs(values.mean()) < 0.03
    without = RNN(50, 16, bias=False)
    assert without.bias_ih is None
    assert [name for name, _ in without.named_parameters()] == NAMES[:2]


@pytest.mark.parametrize(
    ("x", "h0"),
    [
        (np.zeros((2, 4, 5)), None),
        (np.zeros((4, 3)), None),
        (np.zeros((2, 0, 3)), None),
        (np.zeros((2, 4, 3)), np.zeros((1, 4, 6))),
        (np.zeros((2, 4, 3)), np.zeros((1, 2, 5))),
        (np.zeros((2, 4, 3)), np.zeros((2, 6))),
    ],
)
def test_rnn_rejects_other_shapes(x: Array, h0: Array | None) -> None:
    with pytest.raises(ValueError, match="shape"):
        RNN(3, 6).forward(x, h0)


@pytest.mark.parametrize(
    ("grad_output", "grad_h_n"),
    [
        (np.zeros((2, 4, 1)), None),
        (np.zeros((4, 2, 6)), None),
        (np.zeros(()), None),
        (np.zeros((2, 4, 6)), np.zeros((1, 1, 6))),
        (np.zeros((2, 4, 6)), np.zeros((2, 6))),
        (np.zeros((2, 4, 6)), np.zeros(())),
    ],
)
def test_rnn_rejects_gradients_of_other_shapes(grad_output: Array, grad_h_n: Array | None) -> None:
    layer = RNN(3, 6)
    layer.forward(np.zeros((2, 4, 3)))
    with pytest.raises(ValueError, match="shape"):
        layer.backward(grad_output, grad_h_n)


def test_rnn_rejects_other_nonlinearities() -> None:
    with pytest.raises(ValueError, match="sigmoid"):
        RNN(3, 6, nonlinearity="sigmoid")


WORDS = ["b", "a", "b", "c", "a", "b", "d"]

words = st.lists(st.sampled_from(["a", "b", "c", "<unk>", "é", "Z"]), max_size=30)


def test_vocabulary_orders_by_frequency_then_alphabet() -> None:
    vocabulary = Vocabulary(WORDS)
    expected = ["<pad>", "<unk>", "b", "a", "c", "d"]
    assert vocabulary.get_itos() == expected
    assert vocabulary.get_stoi() == {token: index for index, token in enumerate(expected)}
    assert len(vocabulary) == 6


@few
@given(tokens=words, seed=st.integers(0, 99))
def test_vocabulary_does_not_depend_on_the_order_of_the_tokens(
    tokens: list[str], seed: int
) -> None:
    shuffled = random.Random(seed).sample(tokens, len(tokens))
    assert Vocabulary(tokens).get_itos() == Vocabulary(shuffled).get_itos()


@few
@given(tokens=words, min_freq=st.integers(1, 4))
def test_vocabulary_round_trip(tokens: list[str], min_freq: int) -> None:
    vocabulary = Vocabulary(tokens, min_freq)
    everything = list(range(len(vocabulary)))
    assert vocabulary.lookup_indices(vocabulary.lookup_tokens(everything)) == everything
    expected = [token if tokens.count(token) >= min_freq else "<unk>" for token in tokens]
    assert vocabulary.lookup_tokens(vocabulary.lookup_indices(tokens)) == expected


def test_vocabulary_gives_unknown_tokens_the_id_of_unk() -> None:
    vocabulary = Vocabulary(WORDS, specials=["<pad>", "<bos>", "<unk>"])
    assert vocabulary.lookup_indices(["zebra", "b", ""]) == [2, 3, 2]
    assert "zebra" not in vocabulary
    assert "b" in vocabulary


def test_vocabulary_without_unk_rejects_unknown_tokens() -> None:
    vocabulary = Vocabulary(WORDS, specials=[])
    assert vocabulary.lookup_indices(["b", "d"]) == [0, 3]
    with pytest.raises(KeyError, match="zebra"):
        vocabulary.lookup_indices(["zebra"])


def test_vocabulary_leaves_out_rare_tokens() -> None:
    assert Vocabulary(WORDS, min_freq=2).get_itos() == ["<pad>", "<unk>", "b", "a"]
    assert Vocabulary(WORDS, min_freq=9).get_itos() == ["<pad>", "<unk>"]


def test_vocabulary_lists_specials_once_and_first() -> None:
    vocabulary = Vocabulary(["a", "<unk>", "<unk>", "<eos>"], specials=("<eos>", "<unk>"))
    assert vocabulary.get_itos() == ["<eos>", "<unk>", "a"]
    assert vocabulary.specials == ("<eos>", "<unk>")


@pytest.mark.parametrize("index", [-1, 6, 100])
def test_vocabulary_rejects_ids_that_it_does_not_have(index: int) -> None:
    with pytest.raises(IndexError, match=r"negative|out of range"):
        Vocabulary(WORDS).lookup_tokens([0, index])


def test_vocabulary_gives_its_tables_as_copies() -> None:
    vocabulary = Vocabulary(WORDS)
    vocabulary.get_itos().clear()
    vocabulary.get_stoi().clear()
    assert vocabulary.lookup_indices(["b"]) == [2]
    assert vocabulary.lookup_token(2) == "b"


def test_vocabulary_of_nothing_holds_the_specials() -> None:
    vocabulary = Vocabulary([])
    assert vocabulary.get_itos() == ["<pad>", "<unk>"]
    assert vocabulary.lookup_indices([]) == []
    assert vocabulary.lookup_tokens([]) == []


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("The cat sat.", ["the", "cat", "sat", "."]),
        ("Don't stop, 3.5%!", ["don", "'", "t", "stop", ",", "3", ".", "5", "%", "!"]),
        ("wait...what?!", ["wait", ".", ".", ".", "what", "?", "!"]),
        ("snake_case <pad>", ["snake", "_", "case", "<", "pad", ">"]),
        ("  tabs\tand\nlines\u00a0 ", ["tabs", "and", "lines"]),
        ("E\u0301TE\u0301 «ÉTÉ»", ["été", "«", "été", "»"]),
        ("Привет, мир", ["привет", ",", "мир"]),
        ("हिन्दी।", ["हिन्दी", "।"]),
        ("日本 3€ 🙂🙂", ["日本", "3", "€", "🙂", "🙂"]),
        ("", []),
        (" \n", []),
    ],
)
def test_tokenizer_splits_words_and_punctuation(text: str, tokens: list[str]) -> None:
    assert WordTokenizer().tokenize(text) == tokens


@settings(max_examples=150, deadline=None, derandomize=True)
@given(text=st.text(max_size=40))
def test_tokens_are_stable_and_lose_nothing_but_white_space(text: str) -> None:
    tokenizer = WordTokenizer()
    tokens = tokenizer.tokenize(text)
    assert tokenizer.tokenize(" ".join(tokens)) == tokens
    assert tokenizer.tokenize(unicodedata.normalize("NFD", text)) == tokens
    assert all(token and token.split() == [token] for token in tokens)


@settings(max_examples=60, deadline=None, derandomize=True)
@given(texts=st.lists(st.text(max_size=30), max_size=4))
def test_encode_and_decode_are_inverse_for_known_words(texts: list[str]) -> None:
    tokenizer = WordTokenizer().fit(texts)
    for text in texts:
        ids = tokenizer.encode(text)
        assert tokenizer.encode(tokenizer.decode(ids)) == ids
        assert tokenizer.decode(ids) == " ".join(tokenizer.tokenize(text))


@few
@given(
    texts=st.lists(st.text(alphabet="ab .", max_size=12), max_size=4),
    max_length=st.none() | st.integers(0, 6),
)
def test_encode_batch_pads_and_cuts(texts: list[str], max_length: int | None) -> None:
    tokenizer = WordTokenizer(Vocabulary(["a", "b", "."], specials=["<unk>", "<pad>"]))
    batch = tokenizer.encode_batch(texts, max_length)
    ids = [tokenizer.encode(text) for text in texts]
    length = max(map(len, ids), default=0) if max_length is None else max_length
    assert batch.dtype == np.int64
    assert batch.shape == (len(texts), length)
    for row, text, full in zip(batch, texts, ids, strict=True):
        expected = full[:length] + [1] * (length - len(full))
        assert row.tolist() == expected
        assert tokenizer.encode(text, max_length=length, padding=True) == expected
        assert tokenizer.encode(text, max_length=length) == full[:length]
    assert tokenizer.decode_batch(batch) == [tokenizer.decode(row) for row in batch]


def test_tokenizer_fits_the_tokens_of_all_texts() -> None:
    tokenizer = WordTokenizer().fit(["The cat.", "the dog."], min_freq=2)
    assert tokenizer.vocabulary is not None
    assert tokenizer.vocabulary.get_itos() == ["<pad>", "<unk>", ".", "the"]
    assert tokenizer.encode("The bird.") == [3, 1, 2]


def test_decode_skips_special_tokens_unless_told_otherwise() -> None:
    vocabulary = Vocabulary(["cat"], specials=["<pad>", "<unk>", "<eos>"])
    tokenizer = WordTokenizer(vocabulary)
    ids = [3, 1, 3, 2, 0]
    assert tokenizer.decode(ids) == "cat cat"
    assert tokenizer.decode(ids, skip_special_tokens=False) == "cat <unk> cat <eos> <pad>"
    assert tokenizer.decode([]) == ""


@pytest.mark.parametrize(
    ("options", "message"),
    [({"padding": True}, "max_length"), ({"max_length": -1}, "at least 0, not -1")],
)
def test_encode_rejects_impossible_lengths(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        WordTokenizer().fit(["a"]).encode("a", **options)


def test_tokenizer_needs_a_vocabulary_with_pad_and_unk() -> None:
    with pytest.raises(ValueError, match="fit"):
        WordTokenizer().encode("a")
    with pytest.raises(ValueError, match="<pad>"):
        WordTokenizer(Vocabulary(["a"], specials=["<unk>"]))


def test_tokenizer_rejects_ids_outside_the_vocabulary() -> None:
    with pytest.raises(IndexError):
        WordTokenizer().fit(["a"]).decode([3])
