"""Building: what is generated, what is compared, and that a failure changes nothing."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from textwrap import dedent
from typing import Any

import pytest

from course.config import Course, load_course
from course.errors import CourseError
from release import build as building
from release.build import build, drift, generate
from release.files import read_tree
from tests.release.conftest import stand_in_for_the_grader

WEEK_1 = {
    "given/__init__.py",
    "given/module.py",
    "week_1/README.md",
    "week_1/__init__.py",
    "week_1/checks/expected.npz",
    "week_1/checks/explanations.json",
    "week_1/checks/mistakes.json",
    "week_1/checks/points.json",
    "week_1/checks/probes.npz",
    "week_1/checks/test_linear.py",
    "week_1/linear.py",
}
WEEK_2 = {"week_2/README.md", "week_2/__init__.py", "week_2/flatten.py"}


def built(course: Course) -> set[str]:
    return set(read_tree(course.assignments, ["given", "week_1", "week_2"]))


def errors(course: Course, weeks: list[int]) -> tuple[str, ...]:
    with pytest.raises(CourseError) as caught:
        generate(course, weeks)
    return caught.value.problems


def test_a_build_writes_exactly_the_files_of_the_weeks(course: Course) -> None:
    build(course, [1, 2])
    assert built(course) == WEEK_1 | WEEK_2


def test_one_week_is_built_without_the_others(course: Course) -> None:
    build(course, [1])
    assert built(course) == WEEK_1


def test_a_stub_is_the_solution_with_todos(course: Course) -> None:
    build(course, [1])
    expected = dedent('''\
        """Linear layers."""

        from given.module import Module


        class Linear(Module):
            """y = W x."""

            def __init__(self, size: int = 3) -> None:
                self.size = size

            def forward(self, x: float, scale: float = 1.0) -> float:
                """Multiply."""
                # TODO multiply by the weight
                raise NotImplementedError("week_1/linear.py: Linear.forward")
        ''')
    assert expected == (course.assignments / "week_1/linear.py").read_text()


def test_hidden_checks_are_cut(course: Course) -> None:
    build(course, [1])
    expected = dedent("""\
        def test_linear_forward(student):
            assert student.linear.Linear().forward(3) == 9
        """)
    assert expected == (course.assignments / "week_1/checks/test_linear.py").read_text()


def test_a_week_without_public_checks_records_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release.build.expect_public_checks", None)
    build(course, [2])
    assert not (course.assignments / "week_2/checks").exists()


def test_caches_in_given_are_not_copied(course: Course) -> None:
    cache = course.solutions / "given" / "__pycache__"
    cache.mkdir()
    (cache / "module.cpython-311.pyc").write_bytes(b"\0")
    build(course, [1])
    assert built(course) == WEEK_1


def test_given_files_are_copied_byte_by_byte(course: Course) -> None:
    content = bytes(range(256)) + b"\r\n"
    (course.solutions / "given/digits.npz").write_bytes(content)
    build(course, [1])
    assert content == (course.assignments / "given/digits.npz").read_bytes()


def test_a_second_build_changes_nothing(course: Course) -> None:
    build(course, [1, 2])
    before = {p: p.stat().st_mtime_ns for p in course.assignments.rglob("*") if p.is_file()}
    assert not build(course, [1, 2])
    assert before == {p: p.stat().st_mtime_ns for p in before}


def test_stale_files_and_their_folders_are_removed(course: Course) -> None:
    build(course, [1])
    stale = course.assignments / "week_1" / "old" / "gone.py"
    stale.parent.mkdir()
    stale.write_text("")
    changes = build(course, [1])
    assert changes.stale == ["week_1/old/gone.py"]
    assert not stale.parent.exists()


def test_all_weeks_also_remove_a_week_that_is_no_more(course: Course) -> None:
    old = course.assignments / "week_9" / "old.py"
    old.parent.mkdir(parents=True)
    old.write_text("")
    build(course, [1])
    assert old.exists()
    build(course, [1, 2])
    assert not old.exists()


def test_the_students_readme_is_nobodys_to_generate(course: Course) -> None:
    build(course, [1, 2])
    assert (course.assignments / "README.md").read_text() == "# For students\n"


def test_written_weeks_are_those_with_solutions(course: Course) -> None:
    assert course.written == [1, 2]


def test_problems_of_all_weeks_are_reported_at_once(course: Course) -> None:
    (course.solutions / "week_1/README.md").unlink()
    (course.solutions / "week_1/linear.py").write_text("### END SOLUTION\n")
    (course.solutions / "week_2/flaten.py").write_text("")
    (course.solutions / "week_2/flatten.py").write_bytes(b"x = '\xff'\n")
    (course.root / "solutions/week_2/checks/test_flatten.py").write_text("def f(:\n")
    assert errors(course, [1, 2]) == (
        "solutions/week_1/README.md: missing. A week can't be built without it.",
        "solutions/week_1/linear.py:1: ### END SOLUTION has no BEGIN.",
        'solutions/week_2/flaten.py: no module of course.toml. Did you mean "flatten"?'
        " Add it to [weeks.week_2.modules], or remove the file.",
        "solutions/week_2/flatten.py: not UTF-8 at byte 5. Save it as UTF-8.",
        "solutions/week_2/checks/test_flatten.py:1: not valid Python: invalid syntax.",
    )


def test_a_week_without_any_file_names_what_it_needs(root: Path) -> None:
    for path in (root / "solutions/week_2").iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    assert errors(load_course(root), [2]) == tuple(
        f"solutions/week_2/{name}: missing. A week can't be built without it."
        for name in ("README.md", "__init__.py", "flatten.py")
    )


@pytest.mark.parametrize("fault", [CourseError("no torch"), RuntimeError("crashed")])
def test_a_failing_build_leaves_the_old_assignment_as_it_was(
    course: Course, monkeypatch: pytest.MonkeyPatch, fault: Exception
) -> None:
    build(course, [1])
    before = read_tree(course.assignments, ["."])
    (course.solutions / "week_1/README.md").write_text("# New\n")

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr("release.build.expect_public_checks", fail)
    with pytest.raises(type(fault)):
        build(course, [1])
    assert before == read_tree(course.assignments, ["."])


def test_a_full_disk_leaves_the_old_assignment_as_it_was(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(course, [1])
    before = read_tree(course.assignments, ["."])
    (course.solutions / "week_1/README.md").write_text("# New\n")
    (course.solutions / "week_1/__init__.py").write_text("new = 1\n")
    write_bytes = Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        if path.name == ".__init__.py.new":
            write_bytes(path, content[:3])
            raise OSError(28, "No space left on device")
        return write_bytes(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        build(course, [1])
    assert before == read_tree(course.assignments, ["."])


def test_drift_names_every_file_that_differs(course: Course) -> None:
    build(course, [1])
    assert drift(course, [1]) == []
    week = course.assignments / "week_1"
    (week / "README.md").unlink()
    (week / "linear.py").write_text((week / "linear.py").read_text().replace("TODO", "DONE"))
    (week / "extra.py").write_text("")
    assert drift(course, [1]) == [
        "missing assignments/week_1/README.md",
        "changed assignments/week_1/linear.py (line 14)",
        "stale   assignments/week_1/extra.py",
    ]


def test_drift_of_a_binary_file_names_no_line(course: Course) -> None:
    (course.solutions / "given/digits.bin").write_bytes(b"\xff\xfe")
    build(course, [1])
    (course.assignments / "given/digits.bin").write_bytes(b"\xff\xff")
    assert drift(course, [1]) == ["changed assignments/given/digits.bin"]


class TestWhatIsThere:
    """It is taken over if it was made of the same, and only then."""

    def computed(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> list[int]:
        """The weeks that a check of all computes."""
        weeks: list[int] = []

        def grader(course: Course, week: int, folder: Path | None) -> str:
            weeks.extend([week] if folder else [])
            return stand_in_for_the_grader(course, week, folder)

        monkeypatch.setattr("release.build.expect_public_checks", grader)
        drift(course, [1, 2])
        return weeks

    def test_nothing_is_computed_twice(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(course, [1, 2])
        assert self.computed(course, monkeypatch) == []

    @pytest.mark.parametrize(
        "file",
        [
            "solutions/week_1/linear.py",
            "solutions/week_1/built.json",
            *(f"assignments/week_1/checks/{name}" for name in building.EXPECTED),
        ],
    )
    def test_whatever_changes_is_seen(
        self, course: Course, monkeypatch: pytest.MonkeyPatch, file: str
    ) -> None:
        build(course, [1, 2])
        with (course.root / file).open("a") as opened:
            opened.write("#\n")
        assert self.computed(course, monkeypatch) == [1]

    def test_what_is_changed_meanwhile_is_not_sealed(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source = course.solutions / "week_1/linear.py"

        def slow(course: Course, week: int, folder: Path | None) -> str:
            found = stand_in_for_the_grader(course, week, folder)
            if folder:
                source.write_text(source.read_text() + "# saved while it was computed\n")
            return found

        monkeypatch.setattr("release.build.expect_public_checks", slow)
        build(course, [1])
        assert self.computed(course, monkeypatch) == [1]

    def test_what_is_missing_is_computed(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        build(course, [1, 2])
        (course.solutions / "week_1/built.json").unlink()
        assert self.computed(course, monkeypatch) == [1]
        build(course, [1])
        (course.assignments / "week_1/checks/points.json").unlink()
        assert self.computed(course, monkeypatch) == [1]


def test_drift_changes_nothing(course: Course) -> None:
    drift(course, [1])
    assert built(course) == set()


class TestExpectedValues:
    """The one call to the grader; `original` because the fixture replaced it everywhere else."""

    original = staticmethod(building.expect_public_checks)

    def run(self, course: Course, monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
        commands: list[list[str]] = []

        def answer(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            commands.append(command)
            return subprocess.CompletedProcess(command, code, "", "torch is missing\n")

        monkeypatch.setattr(subprocess, "run", answer)
        self.original(course, 1, Path("folder"))
        return commands

    def test_without_a_folder_nothing_is_written(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def answer(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
            assert command[5:] == ["expected", "1"]
            return subprocess.CompletedProcess(command, 0, "a hash\n", "")

        monkeypatch.setattr(subprocess, "run", answer)
        assert self.original(course, 1, None) == "a hash"

    def test_the_grader_is_another_program(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        [command] = self.run(course, monkeypatch, 0)
        assert ["-m", "autograder", "--course", str(course.root)] == command[1:5]
        assert ["expected", "1", "--out", "folder"] == command[5:]

    def test_its_complaint_is_passed_on(
        self, course: Course, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with pytest.raises(CourseError, match="torch is missing"):
            self.run(course, monkeypatch, 2)

    def test_its_crash_is_a_fault(self, course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(RuntimeError, match="ended with 3"):
            self.run(course, monkeypatch, 3)


def test_a_grader_that_writes_nothing_is_a_fault(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("release.build.expect_public_checks", lambda *_: None)
    with pytest.raises(
        RuntimeError,
        match=r"expected\.npz, .*points\.json, .*explanations\.json of week 1 were not written",
    ):
        build(course, [1])


def test_thresholds_of_hidden_checks_are_not_released(course: Course) -> None:
    week = course.solutions / "week_1"
    (week / "checks" / "test_accuracy.py").write_text(
        "def test_shown():\n    pass\n\n\n"
        "### BEGIN HIDDEN TESTS\ndef test_secret():\n    pass\n\n\n### END HIDDEN TESTS\n",
        encoding="utf-8",
    )
    entry = "threshold = 0.9\nmean = 0.95\nsd = 0.01\nmargin = 0.05\nseeds = 40\n"
    text = f"[test_shown]\n{entry}\n[test_secret]\n{entry}"
    (week / "accuracy.toml").write_text(text, encoding="utf-8")
    build(course, [1])
    released = (course.assignments / "week_1" / "accuracy.toml").read_text(encoding="utf-8")
    assert "test_shown" in released
    assert "test_secret" not in released
