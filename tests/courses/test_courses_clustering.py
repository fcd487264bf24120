"""A course on clustering, with NumPy for an oracle, goes through all that the engine does."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest
from courses_run import program

from autograder.results import CheckResult, Record, decode

pytestmark = [pytest.mark.proof, pytest.mark.xdist_group("clustering")]  # built and graded once
# What this course has no use for can't be imported.
WITHOUT_NETWORKS = """
import sys
sys.modules |= dict.fromkeys(["torch", "nbgrader", "matplotlib", "autograder.layers"])
from autograder.cli import main
main()
"""


@pytest.fixture(scope="module")
def graded(clustering: Path) -> dict[str, Record]:
    """The records of a class of three: right, wrong, untouched."""
    folder = clustering / "submissions"
    (folder / "ada").mkdir(parents=True)
    for name in ("distances.py", "kmeans.py"):
        shutil.copy(clustering / "solutions" / "week_1" / name, folder / "ada")
    shutil.copytree(folder / "ada", folder / "ben")
    wrong = folder / "ben" / "kmeans.py"
    text = wrong.read_text().replace("squared.min(axis=1).sum()", "np.mean(squared.min(axis=1))")
    wrong.write_text(text)
    shutil.copytree(clustering / "assignments" / "week_1", folder / "carla" / "week_1")
    done = program(clustering, "autograder", "grade-all", "1", "submissions")
    assert 0 == done.returncode, done.stderr
    assert "3 submissions: 3 graded. Exit 0." == done.stdout.splitlines()[-1]
    records = (clustering / "results" / "week_1").glob("*.json")
    return {path.stem: decode(path.read_bytes()) for path in records}


def named(record: Record, name: str) -> CheckResult:
    return next(check for check in record.checks if check.id.endswith(f"::{name}"))


def test_right_submission_has_full_marks(graded: dict[str, Record]) -> None:
    assert {"ada", "ben", "carla"} == set(graded)
    assert (100, 100) == (graded["ada"].score, graded["ada"].max_score)
    assert all(record.complete for record in graded.values())


def test_wrong_submission_is_told_its_mistake(graded: dict[str, Record]) -> None:
    check = named(graded["ben"], "test_kmeans_step")
    assert "failed" == check.verdict
    assert "kmeans-inertia-averaged" == check.mistake
    assert "Your inertia is N times too small" in check.hint
    assert "skipped" == named(graded["ben"], "test_kmeans_fit").verdict
    assert "passed" == named(graded["ben"], "test_kmeans_assign").verdict
    assert 0 < graded["ben"].score < 100


def test_untouched_submission_is_a_list_of_todos(graded: dict[str, Record]) -> None:
    record = graded["carla"]
    assert 0 == record.score
    assert {"not_attempted"} == {check.verdict for check in record.checks}
    assert ["squared_distances", "KMeans.assign", "KMeans.step", "KMeans.fit"] == [
        todo.name for todo in record.todos
    ]


def test_reports_show_score_hint_and_misconception(
    clustering: Path, graded: dict[str, Record]
) -> None:
    reports = clustering / "reports" / "week_1"
    student = (reports / "feedback" / "ben.html").read_text()
    assert "k-means" in student
    assert "Your inertia is N times too small" in student
    assert "KMeans: one step" in student
    whole = (reports / "private" / "index.html").read_text()
    assert all(name in whole for name in graded)
    assert "kmeans-inertia-averaged" in whole or "Your inertia is N times too small" in whole
    for text in (student, whole):
        assert "torch" not in text
        assert "gradient" not in text


def test_nothing_of_neural_networks_is_imported(clustering: Path) -> None:
    arguments = ("grade", "2", "--submission", "solutions/week_2", "--json", "results/out.json")
    done = program(clustering, sys.executable, "-c", WITHOUT_NETWORKS, *arguments)
    assert (0, "") == (done.returncode, done.stderr)
    assert 100 == json.loads((clustering / "results" / "out.json").read_bytes())["score"]


def test_course_is_proven_and_what_it_leaves_out_is_no_failure(clustering: Path) -> None:
    done = program(clustering, "autograder", "verify")
    lines = done.stdout.splitlines()
    assert 0 == done.returncode, done.stdout + done.stderr
    for week, mistakes in ((1, 8), (2, 3)):
        found = [line.removeprefix(f"week {week}: ") for line in lines if f"week {week}: " in line]
        assert [
            "ok     the solution scores 100 of 100",
            "ok     of 100 points, at least 40 % are on hidden checks",
            "ok     every class and function is checked",
            "ok     what a submission returned is touched through parity alone",
            "ok     the skeleton scores 0, every check not_attempted",
            "ok     no check is passed by a near-stub, or by a table of the rehearsal's answers",
            "none   probes",
            "none   an exercise notebook",
            "none   checks of accuracy",
            "ok     at least 3 mistakes for every class and function",
            f"ok     each of {mistakes} mistakes is caught by the checks that it names, and "
            "explained by its own hint",
        ] == found


def test_answer_in_a_released_file_is_found(clustering: Path) -> None:
    notes = clustering / "assignments" / "week_1" / "notes.md"
    notes.write_text("Then `return (differences**2).sum(axis=-1)`.\n")
    leaks = program(clustering, "release", "verify", "1")
    notes.unlink()
    assert 1 == leaks.returncode
    assert "notes.md:1: holds the line of solutions/week_1/distances.py:19" in leaks.stdout


def test_exercise_branch_is_what_a_student_grades_with(clustering: Path, tmp_path: Path) -> None:
    done = program(clustering, "release", "publish", "1")
    assert 0 == done.returncode, done.stderr
    clone = ("git", "clone", "--quiet", "--branch", "week_1_exercise", "--single-branch")
    program(tmp_path, *clone, str(clustering), "student")
    student = tmp_path / "student"
    assert {".git", ".gitignore", "assignments", "course.toml"} == {
        p.name for p in student.iterdir()
    }
    refused = program(student, "autograder", "grade", "1")
    assert 2 == refused.returncode
    assert f"{student}: this course is not trusted" in refused.stderr
    assert 0 == program(student, "autograder", "trust").returncode
    untouched = program(student, "autograder", "grade", "1", "--json", "out.json")
    assert (0, "") == (untouched.returncode, untouched.stderr)
    record = json.loads((student / "out.json").read_bytes())
    assert {"not_attempted"} == {check["verdict"] for check in record["checks"]}
    shutil.copy(
        clustering / "solutions" / "week_1" / "distances.py", student / "assignments/week_1"
    )
    half = program(student, "autograder", "grade", "1", "--json", "out.json")
    record = json.loads((student / "out.json").read_bytes())
    assert (0, 20) == (half.returncode, record["score"])
    assert not any(check["hidden"] for check in record["checks"])
