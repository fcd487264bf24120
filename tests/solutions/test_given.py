"""The code that students get complete: data sets and the training loop."""

from __future__ import annotations

import gzip
import math
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from given import data
from given.activations import GELU, erf
from given.gradcheck import gradcheck, relative_error
from given.module import Module, Parameter, Sequential
from given.sequences import SequenceToSequence, WarmUpAndDecay
from given.shapes import pair, require_shape
from given.training import accuracy, fit, predict
from week_1.activations import ReLU
from week_1.linear import Linear
from week_1.losses import CrossEntropyLoss
from week_3.embedding import Embedding


def idx(array) -> bytes:
    header = struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape)
    return header + array.astype(np.uint8).tobytes()


@pytest.fixture
def fashion(tmp_path):
    """A folder with four small files as Fashion-MNIST has them, two of them gzipped."""
    rng = np.random.default_rng(1)
    arrays = {
        "train-images-idx3-ubyte": rng.integers(0, 256, (5, 28, 28)),
        "train-labels-idx1-ubyte.gz": rng.integers(0, 10, 5),
        "t10k-images-idx3-ubyte.gz": rng.integers(0, 256, (3, 28, 28)),
        "t10k-labels-idx1-ubyte": rng.integers(0, 10, 3),
    }
    for name, array in arrays.items():
        content = idx(array)
        zipped = gzip.compress(content) if name.endswith(".gz") else content
        (tmp_path / name).write_bytes(zipped)
    return tmp_path, arrays


def test_digits_are_images_from_0_to_1_with_their_labels():
    x, y = data.digits()
    assert x.shape == (1797, 1, 8, 8)
    assert np.float64 == x.dtype
    assert (x.min(), x.max()) == (0.0, 1.0)
    assert np.int64 == y.dtype
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_the_first_digits_look_as_in_the_source():
    x, y = data.digits()
    assert y[:10].tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
    assert (16 * x[0, 0, 0]).tolist() == [0, 0, 5, 13, 9, 1, 0, 0]


def test_missing_digits_are_only_missed_when_asked_for(monkeypatch, tmp_path):
    monkeypatch.setattr(data, "DIGITS", tmp_path / "digits.npz")
    with pytest.raises(FileNotFoundError, match=r"digits\.npz is missing"):
        data.digits()


def test_given_needs_numpy_and_the_standard_library_alone():
    code = (
        "import sys, numpy; known = set(sys.modules); import given.data, given.training;"
        "new = {name.partition('.')[0] for name in set(sys.modules) - known};"
        "print(sorted(new - set(sys.stdlib_module_names)))"
    )
    folder = Path(data.__file__).parents[1]
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=folder, check=True, capture_output=True, text=True
    )
    assert done.stdout.strip() == "['given', 'numpy']"


def test_a_split_holds_every_sample_once():
    x, y = np.arange(20.0)[:, None], np.arange(20)
    (x_train, y_train), (x_test, y_test) = data.train_test_split(
        x, y, rng=np.random.default_rng(2), test_fraction=0.3
    )
    assert (len(x_train), len(x_test)) == (14, 6)
    assert list(range(20)) == sorted([*y_train, *y_test])
    np.testing.assert_array_equal(y_train, x_train[:, 0])
    np.testing.assert_array_equal(y_test, x_test[:, 0])


def test_a_split_is_decided_by_the_generator():
    x, y = data.digits()
    one, two, other = (
        data.train_test_split(x, y, rng=np.random.default_rng(seed)) for seed in (3, 3, 4)
    )
    np.testing.assert_array_equal(one[1][1], two[1][1])
    assert (one[1][1] != other[1][1]).any()
    assert len(one[1][1]) == 449


@pytest.mark.parametrize("fraction", [0.0, 1.0, 0.001, -1.0])
def test_a_split_with_an_empty_part_is_refused(fraction):
    x, y = np.ones((10, 2)), np.ones(10)
    with pytest.raises(ValueError, match="empty"):
        data.train_test_split(x, y, rng=np.random.default_rng(0), test_fraction=fraction)


def test_a_split_of_unequal_lengths_is_refused():
    with pytest.raises(ValueError, match="10 samples, but 9 labels"):
        data.train_test_split(np.ones((10, 2)), np.ones(9), rng=np.random.default_rng(0))


@pytest.mark.parametrize("named_by", ["argument", "environment"])
def test_fashion_mnist_is_read_plain_and_gzipped(fashion, named_by, monkeypatch):
    folder, arrays = fashion
    if named_by == "environment":
        monkeypatch.setenv("FASHION_MNIST", str(folder))
    train, test = data.fashion_mnist(folder if named_by == "argument" else None)
    for (x, y), images, labels in (
        (train, "train-images-idx3-ubyte", "train-labels-idx1-ubyte.gz"),
        (test, "t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte"),
    ):
        np.testing.assert_array_equal(arrays[images][:, None] / 255, x)
        np.testing.assert_array_equal(arrays[labels], y)
        assert (np.float64, np.int64) == (x.dtype, y.dtype)


def test_missing_fashion_mnist_says_what_is_expected_and_how_to_get_it(tmp_path):
    with pytest.raises(FileNotFoundError) as caught:
        data.fashion_mnist(tmp_path)
    message = str(caught.value)
    assert str(tmp_path) in message
    assert all(name in message for name in data.FASHION_MNIST_FILES)
    assert "dataset-fashion-mnist" in message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not an IDX file"),
        (b"\x00\x00\x0d\x01", "not an IDX file"),
        (b"PK\x03\x04", "not an IDX file"),
        (b"\x00\x00\x08\x03\x00\x00", "within its header"),
        (idx(np.zeros((3, 28, 28)))[:-1], "2351 bytes of values"),
        (idx(np.zeros((3, 28, 28))) + b"\x00", "2353 bytes of values"),
        (b"\x00\x00\x08\x03" + b"\xff" * 12, "0 bytes of values"),
        (idx(np.zeros((3, 28, 27))), "expected"),
        (idx(np.zeros(3)), "expected"),
        (idx(np.zeros((4, 28, 28))), "for 4 images"),
    ],
)
def test_a_broken_fashion_mnist_file_is_refused(fashion, content, message):
    folder, _ = fashion
    (folder / "t10k-images-idx3-ubyte.gz").unlink()
    (folder / "t10k-images-idx3-ubyte").write_bytes(content)
    with pytest.raises(ValueError, match=message):
        data.fashion_mnist(folder)


DAMAGED = {"empty": b"", "none": b"no gzip", "cut off": gzip.compress(idx(np.zeros(3)))[:-6]}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_gzip_file_is_refused(fashion, content):
    folder, _ = fashion
    (folder / "train-labels-idx1-ubyte.gz").write_bytes(content)
    with pytest.raises(ValueError, match=r"train-labels-idx1-ubyte\.gz"):
        data.fashion_mnist(folder)


def test_a_label_that_is_no_class_is_refused(fashion):
    folder, _ = fashion
    (folder / "t10k-labels-idx1-ubyte").write_bytes(idx(np.array([0, 10, 9])))
    with pytest.raises(ValueError, match="label 10"):
        data.fashion_mnist(folder)


def network(seed: int) -> Sequential:
    rng = np.random.default_rng(seed)
    return Sequential(Linear(4, 8, rng=rng), ReLU(), Linear(8, 3, rng=rng))


def samples():
    rng = np.random.default_rng(1)
    y = rng.integers(0, 3, 50)
    return rng.standard_normal((50, 4)) + 3 * np.eye(3, 4)[y], y


def test_fit_lowers_the_loss_and_returns_it_per_epoch():
    x, y = samples()
    model = network(1)
    history = fit(model, CrossEntropyLoss(), x, y, epochs=30, lr=0.2, rng=np.random.default_rng(1))
    assert list(history) == ["loss"]
    assert len(history["loss"]) == 30
    assert all(type(value) is float for value in history["loss"])
    assert history["loss"][-1] < 0.5 * history["loss"][0]
    assert accuracy(predict(model, x), y) > 0.9


def test_fit_is_decided_by_its_generators():
    x, y = samples()
    runs = [
        fit(network(1), CrossEntropyLoss(), x, y, epochs=2, lr=0.1, rng=np.random.default_rng(s))
        for s in (1, 1, 2)
    ]
    assert runs[0] == runs[1]
    assert runs[0] != runs[2]


def test_one_batch_of_all_samples_is_one_step_down_the_gradient():
    x, y = samples()
    model, same, loss = network(1), network(1), CrossEntropyLoss()
    expected = loss.forward(same.forward(x), y)
    same.backward(loss.backward())
    rng = np.random.default_rng(1)
    history = fit(model, CrossEntropyLoss(), x, y, epochs=1, lr=0.1, batch_size=99, rng=rng)
    np.testing.assert_allclose(history["loss"], [expected])
    for moved, start in zip(model.parameters(), same.parameters(), strict=True):
        np.testing.assert_allclose(start.data - 0.1 * start.grad, moved.data)


def test_the_loss_of_an_epoch_counts_a_small_last_batch_by_its_size():
    x, y = samples()
    model = network(1)
    expected = CrossEntropyLoss().forward(model.forward(x), y)
    rng = np.random.default_rng(1)
    history = fit(model, CrossEntropyLoss(), x, y, epochs=1, lr=0.0, batch_size=32, rng=rng)
    np.testing.assert_allclose(history["loss"], [expected])


def test_an_optimizer_takes_the_place_of_gradient_descent():
    class Counting:
        steps = 0

        def step(self):
            self.steps += 1

    x, y = samples()
    model, optimizer = network(1), Counting()
    before = model.state_dict()
    rng = np.random.default_rng(1)
    fit(model, CrossEntropyLoss(), x, y, epochs=2, rng=rng, optimizer=optimizer)
    assert optimizer.steps == 4
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(before[name], value)


@pytest.mark.parametrize("training", [True, False])
def test_fit_and_predict_set_the_mode_and_leave_it_as_it_was(training):
    class Watching(Linear):
        modes: list[bool]

        def forward(self, x):
            self.modes.append(self.training)
            return super().forward(x)

    x, y = samples()
    model = Watching(4, 3)
    model.modes = []
    model.train(training)
    fit(model, CrossEntropyLoss(), x, y, epochs=1, lr=0.1, rng=np.random.default_rng(1))
    assert model.modes == [True, True]
    model.modes = []
    predict(model, x)
    assert model.modes == [False]
    assert training == model.training


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"y": np.zeros(3, int)}, "50 samples and 3 targets"),
        ({"x": np.ones((0, 4)), "y": np.zeros(0, int)}, "0 samples"),
        ({"batch_size": 0}, "batch_size"),
        ({"lr": None}, "optimizer"),
    ],
)
def test_fit_refuses_what_it_can_not_train_on(change, message):
    x, y = samples()
    arguments = {"x": x, "y": y, "epochs": 1, "lr": 0.1, "rng": np.random.default_rng(1)}
    with pytest.raises(ValueError, match=message):
        fit(network(1), CrossEntropyLoss(), **arguments | change)


def test_progress_is_drawn_on_stderr_and_only_when_asked_for(capsys):
    x, y = samples()
    for progress in (False, True):
        rng = np.random.default_rng(1)
        fit(network(1), CrossEntropyLoss(), x, y, epochs=2, lr=0.1, rng=rng, progress=progress)
        printed = capsys.readouterr()
        assert printed.out == ""
        assert (2 if progress else 0) == len(printed.err.splitlines())
    assert "epoch 2/2" in printed.err


def test_predictions_in_batches_equal_those_at_once():
    x, _ = samples()
    model = network(1)
    np.testing.assert_allclose(model.forward(x), predict(model, x, batch_size=7))


def test_accuracy_is_the_share_of_right_classes():
    logits = np.array([[1.0, 2.0], [3.0, 0.0], [0.0, 1.0], [5.0, 4.0]])
    assert accuracy(logits, np.array([1, 0, 1, 1])) == 0.75


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((4,), r"logits has shape \(4,\), not \(N, K\)"),
        ((4, 2, 1), r"logits has shape \(4, 2, 1\), not \(N, K\)"),
        ((3, 2), r"y has shape \(4,\), not \(3,\)"),
    ],
)
def test_accuracy_refuses_shapes_that_do_not_fit(shape, message):
    with pytest.raises(ValueError, match=message):
        accuracy(np.ones(shape), np.zeros(4, int))


@pytest.mark.parametrize(
    ("shape", "wanted"),
    [
        ((), ()),
        ((4, 3), (4, 3)),
        ((4, 3), ("N", 3)),
        ((0, 3), ("N", 3)),
        ((3,), (..., 3)),
        ((2, 5, 4, 3), (..., "L", 3)),
        ((4, 3), (...,)),
    ],
)
def test_a_shape_as_wanted_passes(shape, wanted):
    require_shape("x", np.ones(shape), wanted)


def test_a_number_has_the_shape_of_no_axes():
    require_shape("grad_out", 1.0, ())
    require_shape("grad_out", np.float32(1), ())


@pytest.mark.parametrize(
    ("shape", "wanted", "message"),
    [
        ((4, 1), (4, 3), "x has shape (4, 1), not (4, 3)"),
        ((4, 3), (3,), "x has shape (4, 3), not (3,)"),
        ((3,), (4, 3), "x has shape (3,), not (4, 3)"),
        ((), (1,), "x has shape (), not (1,)"),
        ((1,), (), "x has shape (1,), not ()"),
        ((4, 2), ("N", 3), "x has shape (4, 2), not (N, 3)"),
        ((4, 3, 1), ("N", 3), "x has shape (4, 3, 1), not (N, 3)"),
        ((), (..., 3), "x has shape (), not (…, 3)"),
        ((3, 4), (..., 3), "x has shape (3, 4), not (…, 3)"),
        ((3,), (..., "L", 3), "x has shape (3,), not (…, L, 3)"),
    ],
)
def test_another_shape_is_refused_with_both_named(shape, wanted, message):
    with pytest.raises(ValueError) as caught:
        require_shape("x", np.ones(shape), wanted)
    assert message == str(caught.value)


def test_a_pair_is_one_integer_for_both_or_two():
    assert pair("stride", 2, 1) == (2, 2)
    assert pair("stride", [1, 3], 1) == (1, 3)
    assert pair("padding", (0, 1), 0) == (0, 1)


@pytest.mark.parametrize("value", [0, (1, 0), -1])
def test_a_pair_below_the_least_is_refused(value):
    with pytest.raises(ValueError, match="stride must be at least 1, not"):
        pair("stride", value, 1)


@pytest.mark.parametrize("value", [(), (1,), (1, 2, 3)])
def test_one_or_three_integers_are_no_pair(value):
    with pytest.raises(ValueError, match="unpack"):
        pair("stride", value, 1)


@pytest.fixture
def rng():
    return np.random.default_rng(3)


class Shifted(Module):
    """y = factor (x + shift): what backward says is told by each test."""

    def __init__(self, gradient: float = 2.0) -> None:
        self.shift = Parameter(np.array([0.5, -1.0]))
        self.gradient = gradient

    def forward(self, x):
        return 2.0 * (x + self.shift.data)

    def backward(self, grad_out):
        self.shift.grad += self.gradient * grad_out.sum(axis=0)
        return 2.0 * grad_out


def test_gradcheck_of_a_right_gradient_is_rounding(rng):
    module, x = Shifted(), rng.standard_normal((3, 2))
    before = x.copy()
    errors = gradcheck(module, x)
    assert ["input", "shift"] == list(errors)
    assert max(errors.values()) < 1e-7
    assert np.array_equal(before, x)
    assert np.array_equal([0.5, -1.0], module.shift.data)


@pytest.mark.parametrize("factor", [1.001, 0.5, -1.0, 0.0])
def test_gradcheck_tells_which_gradient_is_wrong(rng, factor):
    errors = gradcheck(Shifted(2.0 * factor), rng.standard_normal((3, 2)))
    assert errors["input"] < 1e-7
    assert errors["shift"] > 1e-4


def test_gradcheck_takes_losses_and_indices(rng):
    target = np.array([0, 2, 1])
    assert gradcheck(CrossEntropyLoss(), rng.standard_normal((3, 3)), target)["input"] < 1e-7
    assert ["weight"] == list(gradcheck(Embedding(4, 2), target))


def test_gradcheck_refuses_float32_and_other_shapes(rng):
    x = rng.standard_normal((3, 2))
    with pytest.raises(ValueError, match="differences need float64"):
        gradcheck(Shifted(), x.astype(np.float32))
    with pytest.raises(ValueError, match=r"shape \(1, 2\), not \(3, 2\)"):
        relative_error(x[:1], x)


# ---- GELU, sequences ---------------------------------------------------------------------------


def test_erf_is_exact_to_12_digits():
    x = np.concatenate([np.linspace(-7, 7, 4001), [1e-9, -1e-300, 0.0, 1e300, np.inf]])
    expected = [math.erf(value) for value in x]
    np.testing.assert_allclose(erf(x), expected, rtol=1e-12, atol=1e-300)
    assert np.isnan(erf(np.array([np.nan]))).all()


def test_erf_of_float32_is_exact_to_6_digits():
    x = np.concatenate([np.linspace(-7, 7, 4001), [1e-9, 0.0, 1e30, np.inf]]).astype(np.float32)
    got = erf(x)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, [math.erf(value) for value in x], rtol=0, atol=1e-6)
    assert np.isnan(erf(np.array([np.nan], np.float32))).all()


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_gelu_equals_torch(dtype):
    x = np.linspace(-8, 8, 60, dtype=dtype).reshape(3, 20)
    grad_out = np.random.default_rng(0).standard_normal(x.shape).astype(dtype)
    leaf = torch.tensor(x, requires_grad=True)
    expected = torch.nn.GELU()(leaf)
    expected.backward(torch.tensor(grad_out))
    gelu = GELU()
    for wanted, got in ((expected.detach(), gelu.forward(x)), (leaf.grad, gelu.backward(grad_out))):
        assert got.dtype == dtype
        tolerance = 1e-12 if dtype == np.float64 else 1e-5
        np.testing.assert_allclose(got, wanted, rtol=tolerance, atol=tolerance)
    with pytest.raises(ValueError, match="grad_out has shape"):
        gelu.backward(grad_out[:1])


class Echo(Module):
    """Keeps what it was given."""

    def forward(self, source, target):
        self.source, self.target = source, target
        return target

    def backward(self, grad_out):
        self.grad_out = grad_out


def test_a_sequence_is_learned_from_what_stands_before_each_token():
    echo = Echo()
    model = SequenceToSequence(echo, places=2, bos_id=9)
    model.forward(np.array([[1, 2, 3, 4, 5], [6, 7, 1, 2, 3]]))
    np.testing.assert_array_equal([[1, 2], [6, 7]], echo.source)
    np.testing.assert_array_equal([[9, 3, 4], [9, 1, 2]], echo.target)
    model.backward(7)
    assert echo.grad_out == 7


def test_the_step_size_grows_stays_and_falls():
    rates = []

    class Optimizer:
        lr = 0.5

        def step(self):
            rates.append(self.lr)

    schedule = WarmUpAndDecay(Optimizer(), steps=10, warm_up=2)
    for _ in range(12):
        schedule.step()
    expected = [0.25, 0.5, 0.5, 0.5, 0.5, 0.5, 0.4, 0.3, 0.2, 0.1, 0, 0]
    np.testing.assert_allclose(rates, expected, atol=1e-12)
