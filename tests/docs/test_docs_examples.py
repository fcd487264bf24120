"""The sample class: its README tells the truth, and every mistake in it is recognised."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from autograder import batch
from autograder.grading import UNEXPLAINED, grade
from autograder.mistakes.fingerprints import of_modules
from autograder.options import Options
from autograder.results import OUR_FAULT, Record, Verdict
from autograder.sandbox.launch import Limits
from autograder.submission import roster
from course.config import Course, load_course

# All mistakes are run, and the class is graded once.
pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("mistakes")]
# A busy machine must change nothing; only grace's loops never end.
GENEROUS = Limits(check_seconds=120.0, training_seconds=600.0, total_seconds=1800.0)
SECRET = "of the examples"  # another draws other inputs, which a mistake may survive
QUICK = replace(GENEROUS, check_seconds=2.0)
ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
WEEKS = sorted({int(path.name.removeprefix("week_")) for path in EXAMPLES.glob("ben/week_*")})
LATER = [("ada", week) for week in (7, 8, 9, 10)]  # weeks that the others didn't hand in
ROW = re.compile(r"^\| `(\w+)` \| .* \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
SHAPES = {f"{name}-gradient-of-any-shape" for name in ("sigmoid", "tanh")}
UNNOTICED = "an error that is not noticed"  # as the check itself shows
TARGET = "cross-entropy-loss-any-target"
MISTAKES = {
    (1, "ben"): {TARGET, "relu-gradient-of-any-shape"} | SHAPES,
    (1, "grace"): {TARGET, "relu-gradient-of-any-shape", "bce-loss-any-value"} | SHAPES,
    # What attacks on ReLU and Sigmoid return is zero; Softmax raises, whatever it is given.
    (1, "mallory"): {"zero"},
    (2, "ben"): {"flatten-any-axes", "shape of output", UNNOTICED},
    (2, "grace"): {"flatten-any-axes"},
    (1, "dmitri"): {
        TARGET,
        "softmax-only-the-diagonal",
        "cross-entropy-loss-gradient-not-averaged",
        "bce-loss-gradient-not-averaged",
        "linear-weight-grad-overwritten",
    },
    (1, "emma"): {
        TARGET,
        "relu-in-place",
        "sigmoid-overflow",
        "softmax-gradient-of-any-shape",
        "bce-loss-gradient-of-logits",
    }
    | SHAPES,
    (1, "farid"): {
        TARGET,
        UNNOTICED,
        "relu-mask-of-the-gradient",
        "cross-entropy-loss-sum-averaged",
        "bce-loss-averaged-over-rows",
        "linear-weight-grad-overwritten",
    },
    (2, "dmitri"): {
        "conv2d-kernel-flipped",
        "max-pool2d-all-maxima",
        "max-pool2d-any-padding",
        "flatten-any-axes",
    },
    (2, "emma"): {
        "conv2d-padding-not-cut-off",
        "max-pool2d-any-padding",
        "flatten-any-axes",
        "max-pool2d-padded-with-zeros",
        "max-pool2d-all-maxima",
    },
    (2, "farid"): {
        "conv2d-bias-grad-last-image",
        "max-pool2d-any-padding",
        "flatten-any-axes",
        "max-pool2d-padded-with-zeros",
        "max-pool2d-float64",
        "flatten-batch-squeezed",
    },
}


@pytest.fixture(scope="module")
def course() -> Course:
    return load_course(ROOT)


@pytest.fixture(scope="module", params=WEEKS)
def graded(
    request: pytest.FixtureRequest, course: Course, tmp_path_factory: pytest.TempPathFactory
) -> list[Record]:
    """The records of one week, as `make demo` makes them."""
    week, options = course.week(request.param), Options(limits=GENEROUS, secret=SECRET)
    of_modules(course, week, week.modules, options)
    handed_in = roster.read(EXAMPLES).submissions
    work = batch.jobs(course, week, handed_in, tmp_path_factory.mktemp("results"), options)
    quick = replace(options, limits=QUICK)
    work = [replace(job, options=quick) if job.student == "grace" else job for job in work]
    return batch.run(work, lambda _: None)


def test_scores_are_those_of_the_readme(graded: list[Record]) -> None:
    rows = ROW.findall((EXAMPLES / "README.md").read_text(encoding="utf-8"))
    expected = {row[0]: float(row[graded[0].week]) for row in rows}
    assert len(expected) == 9
    assert expected == {record.student: record.score for record in graded}


def test_every_mistake_is_recognised(graded: list[Record]) -> None:
    for record in graded:
        found = {check.mistake for check in record.checks if check.mistake}
        assert MISTAKES.get((record.week, record.student), set()) == found


def test_nothing_is_a_fault_of_the_grader(graded: list[Record]) -> None:
    faults = [c.message for record in graded for c in record.checks if c.verdict in OUR_FAULT]
    assert [] == faults
    assert all(record.complete for record in graded)
    assert not any(UNEXPLAINED in note for record in graded for note in record.notes)


def test_endless_loops_and_attacks_have_verdicts_of_their_own(graded: list[Record]) -> None:
    ended = {record.student: {check.verdict for check in record.checks} for record in graded}
    assert {Verdict.PASSED} == ended["ada"]
    assert {Verdict.NOT_ATTEMPTED} == ended["carla"]
    assert Verdict.TIMEOUT in ended["grace"]
    assert Verdict.PASSED not in ended["mallory"]


@pytest.mark.parametrize(("student", "number"), LATER)
def test_a_later_week_scores_as_the_readme_says(course: Course, student: str, number: int) -> None:
    week = course.week(number)
    text = (EXAMPLES / "README.md").read_text(encoding="utf-8")
    pattern = rf"^\| `{student}` \| week {week.number}: .* \| ([\d.]+) \|$"
    row = re.search(pattern, text, re.MULTILINE)
    assert row is not None
    record = grade(course, week, EXAMPLES / student, Options(limits=GENEROUS))
    assert record.score == float(row[1])
    assert record.complete


def test_untouched_means_untouched(course: Course) -> None:
    for number in WEEKS:
        for module in course.week(number).modules:
            name = f"week_{number}/{module}.py"
            expected = (course.assignments / name).read_bytes()
            assert expected == (EXAMPLES / "carla" / name).read_bytes(), f"copy {name} again"
