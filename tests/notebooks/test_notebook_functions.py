"""What a notebook's functions do is judged on other data: wrong ones lose, right ones do not."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks.notebook_samples import PLAIN, cell_of, changed, graded, hand_in, source, verdicts

pytestmark = pytest.mark.proof

# Instead of training, so that the cells take no time: with functions that work it is as good.
TYPED_IN = {
    "train": "linear_logits = cnn_logits = np.eye(10)[y_test]\n"
    "numpy_accuracies = {'Linear': 1.0, 'CNN': 1.0}",
}


def verdicts_of(folder: Path, week: int, *changes: tuple[str, str, str]) -> dict[str, str]:
    """How the week's checks end if, in these cells, this text is replaced by that."""
    notebook = source(week)
    for name, text in TYPED_IN.items() if week == 2 else ():
        notebook = changed(notebook, name, text)
    for name, old, new in changes:
        text = "".join(cell_of(notebook, name)["source"])
        assert 1 == text.count(old)
        notebook = changed(notebook, name, text.replace(old, new))
    return verdicts(graded(hand_in(folder, notebook, week), PLAIN, week))


ORDER = "        order = rng.permutation(len(x))\n"
WRONG = [
    (2, "train_and_test", "predict(model, x_new)", "np.eye(10)[y_test]", "test_cnn_accuracy"),
    (2, "train_and_test", "batch_size=16", "batch_size=64", "test_linear_accuracy"),
    (3, "train", ORDER, "        order = np.arange(len(x))\n", "test_train"),
    (3, "train", ORDER, ORDER.replace("rng.", "np.random."), "test_train"),
    (
        3,
        "train",
        "    for _ in range(epochs):\n" + ORDER,
        ORDER[4:] + "    for _ in range(epochs):\n",
        "test_train",
    ),
    (3, "train", " * len(batch)", " * len(x) / -(-len(x) // batch_size)", "test_train"),
]


@pytest.mark.parametrize(("week", "cell", "old", "new", "check"), WRONG)
def test_a_wrong_function_loses_its_points(
    week: int, cell: str, old: str, new: str, check: str, tmp_path: Path
) -> None:
    assert "failed" == verdicts_of(tmp_path, week, (cell, old, new))[check]


# A function that is wrong, and beside it the number or array that a right one would have given.
BESIDE: dict[str, tuple[int, tuple[str, str, str], tuple[str, str, str]]] = {
    "test_float32_errors": (
        1,
        ("relative_error", "np.abs(theirs).max()", "1.0"),
        ("float32", "numpy_errors = ", "numpy_errors = np.full(5, 1e-7)\n_ = "),
    ),
    "test_gradients": (
        1,
        ("run", "return output, layer.backward(grad_out)", "return output, grad_out"),
        (
            "run_all",
            "name: gradient for name, (_, gradient) in results.items()",
            "name: layer.backward(grad_out) for name, layer in layers.items()",
        ),
    ),
    "test_weights": (
        6,
        ("classify", "return Scaled", "query = query.round(3)\n    return Scaled"),
        (
            "classify_all",
            "classify(queries, keys, key_labels)",
            "ScaledDotProductAttention().forward(queries, keys, np.eye(10)[key_labels])",
        ),
    ),
}


@pytest.mark.parametrize("check", BESIDE)
def test_right_numbers_beside_a_wrong_function_earn_nothing(check: str, tmp_path: Path) -> None:
    week, *changes = BESIDE[check]
    assert "failed" == verdicts_of(tmp_path, week, *changes)[check]


RIGHT = [
    (1, "run", "return output, layer.backward(grad_out)",
     "return np.array([output, layer.backward(grad_out)])"),
    (1, "relative_error", "float(", "np.float32("),
    (2, "train", "{'Linear': 1.0, 'CNN': 1.0}",
     "{'Linear': np.float32(1.0), 'CNN': np.array(1.0)}"),
    (3, "train", "float(total / len(x))", "np.float32(total / len(x))"),
]  # fmt: skip


@pytest.mark.parametrize(("week", "cell", "old", "new"), RIGHT)
def test_a_number_or_a_pair_of_another_type_loses_nothing(
    week: int, cell: str, old: str, new: str, tmp_path: Path
) -> None:
    assert {"passed"} == set(verdicts_of(tmp_path, week, (cell, old, new)).values())
