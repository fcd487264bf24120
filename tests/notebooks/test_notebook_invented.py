"""A notebook with invented numbers and no work in it earns nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from notebooks.notebook_samples import COURSE, PLAIN, graded, hand_in, small, verdicts

pytestmark = pytest.mark.proof

SPLIT = """
import numpy as np
from given.data import digits, train_test_split
images, labels = digits()
y = train_test_split(images, labels, rng=np.random.default_rng({week}))[1][1]
logits = np.eye(10)[y]
"""
RESULTS = "test_logits = {n: logits for n in losses}\naccuracies = {n: 1.0 for n in losses}\n"
INVENTED = {
    1: "import numpy as np\nnumpy_errors = np.full(5, 1e-7)",
    2: SPLIT.format(week=2)
    + "linear_logits = cnn_logits = logits\nnumpy_accuracies = {'Linear': 1.0, 'CNN': 1.0}",
    3: SPLIT.format(week=3)
    + "ends = {'SGD': 0.5, 'momentum': 0.3, 'Adam': 0.1}\n"
    + "losses = {name: list(np.linspace(2.3, end, 10)) for name, end in ends.items()}\n"
    + RESULTS,
    4: "import numpy as np\nlosses = list(np.linspace(5, 2, 8))",
    5: SPLIT.format(week=5)
    + "ends = {'without': 1.0, 'with': 0.1}\n"
    + "losses = {name: list(np.linspace(2.3, end, 12)) for name, end in ends.items()}\n"
    + RESULTS,
    6: """
import numpy as np
from given.data import digits, train_test_split
images, labels = digits()
_, (_, query_labels) = train_test_split(
    images[:600].reshape(-1, 64), labels[:600], rng=np.random.default_rng(6), test_fraction=0.2
)
probabilities = np.eye(10)[np.sort(query_labels)]
""",
    7: """
import numpy as np
losses = list(np.linspace(2.4, 0.01, 400))
sort_tokens = lambda source: np.sort(source, axis=1)
exact_match = lambda answers, target: float((answers == target).all(axis=1).mean())
head_weights = lambda row: np.eye(4)[:, :, None] * np.ones((4, 8, 8)) / 8
""",
    9: """
import numpy as np
from given.data import digits
images, _ = digits()
samples = (2 * images[:1000].reshape(-1, 64) - 1).astype(np.float32)
losses = [list(np.linspace(1.6, 1.2, 700)), list(np.linspace(0.6, 0.8, 700))]
to_rows = lambda images: images.reshape(len(images), -1)
grid = lambda samples, rows, columns: samples[0].reshape(8, 8)
walk = lambda start, end, count: np.linspace(start, end, count)
draw_latents = lambda z: samples[: len(z)]
""",
}


def test_every_week_with_a_notebook_has_an_attempt() -> None:
    assert set(COURSE.written) == set(INVENTED)


@pytest.mark.parametrize("week", INVENTED)
def test_invented_numbers_earn_nothing(week: int, tmp_path: Path) -> None:
    record = graded(hand_in(tmp_path, small(INVENTED[week]), week), PLAIN, week)
    assert "passed" not in verdicts(record).values()
    assert not [note for note in record.notes if "cell 1" in note]  # the cell itself ran
