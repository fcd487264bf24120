"""Verifying: a skeleton that isn't its solution's, and answers that slipped through."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from course.config import Course, load_course
from course.errors import CourseError
from release.build import build
from release.leaks import find
from release.secrets import collect, normalise
from release.verify import verify, verify_module, verify_skeleton


@pytest.fixture
def released(course: Course) -> Course:
    build(course, [1, 2])
    return course


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


def test_a_fresh_build_has_no_problem(released: Course) -> None:
    assert verify(released, [1, 2]) == []


def test_drift_is_a_problem(released: Course) -> None:
    (released.assignments / "week_1/README.md").write_text("# Changed\n")
    assert verify(released, [1]) == ["drift: changed assignments/week_1/README.md (line 1)"]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("x: float, scale", "x, scale", "the signature of Linear.forward differs"),
        ("scale: float = 1.0", "scale: float = 2.0", "the signature of Linear.forward differs"),
        (") -> float", ") -> int", "the signature of Linear.forward differs"),
        ("Linear(Module)", "Linear", "the signature of Linear differs"),
        ("y = W x.", "y = x.", "the docstring of Linear differs"),
        ("Multiply.", "Multiply. ", "the docstring of Linear.forward differs"),
        ("Linear layers.", "Layers.", "the docstring of the module differs"),
        ("class Linear", "class Lineal", "Linear of course.toml is missing."),
        ("class Linear", "class Lineal", "Linear.forward of the solution is missing."),
        ("class Linear", "class Lineal", "Lineal is not in the solution."),
        ("raise NotImplementedError(", "return str(", "Linear has no stub."),
        ("Linear.forward", "Other.forward", "Linear has no stub."),
        ("size: int", "size:: int", "not valid Python"),
    ],
)
def test_a_skeleton_must_be_its_solutions(
    released: Course, old: str, new: str, expected: str
) -> None:
    edit(released.assignments / "week_1/linear.py", old, new)
    assert any(expected in problem for problem in verify_skeleton(released, 1))


def test_a_missing_stub_file_is_a_problem(released: Course) -> None:
    (released.assignments / "week_1/linear.py").unlink()
    assert verify_skeleton(released, 1) == [
        "assignments/week_1/linear.py: missing. Build the week."
    ]


def test_an_untouched_skeleton_must_import(released: Course) -> None:
    with (released.assignments / "week_1/linear.py").open("a") as file:
        file.write("\nSTART = Linear().forward(1.0)\n")
    [problem] = verify_skeleton(released, 1)
    assert problem == (
        "assignments/week_1: doesn't import: NotImplementedError: week_1/linear.py: Linear.forward"
    )


def test_a_solution_without_a_region_is_found(root: Path) -> None:
    edit(root / "solutions/week_1/linear.py", "### BEGIN SOLUTION multiply by the weight", "")
    edit(root / "solutions/week_1/linear.py", "### END SOLUTION", "")
    course = load_course(root)
    build(course, [1])
    assert verify(course, [1]) == [
        "assignments/week_1/linear.py: Linear has no stub."
        " Mark its solution with ### BEGIN SOLUTION."
    ]


def test_a_function_of_course_toml_needs_a_stub_too(root: Path) -> None:
    edit(root / "course.toml", '["Flatten"]', '["Flatten", "rows", "row"]')
    with (root / "solutions/week_2/flatten.py").open("a") as file:
        file.write(
            "\n\ndef rows(x):\n    ### BEGIN SOLUTION count\n    return len(x)\n"
            "    ### END SOLUTION\n\n\ndef row(x):\n    return x[0]\n"
        )
    course = load_course(root)
    build(course, [2])
    assert verify_skeleton(course, 2) == [
        "assignments/week_2/flatten.py: row has no stub. Mark its solution with ### BEGIN SOLUTION."
    ]


def test_a_module_is_verified_without_the_others(released: Course) -> None:
    for name in ("linear.py", "checks/test_linear.py", "README.md"):
        (released.assignments / "week_1" / name).write_text("# Changed\n")
    (released.assignments / "week_2/flatten.py").write_text("# Changed\n")
    problems = verify_module(released, 1, "linear")
    assert [
        "drift: changed assignments/week_1/checks/test_linear.py (line 1)",
        "drift: changed assignments/week_1/linear.py (line 1)",
    ] == problems[:2]
    assert "assignments/week_1/linear.py: Linear of course.toml is missing." in problems
    assert not any("README" in problem or "week_2" in problem for problem in problems)


def test_an_answer_in_a_modules_checks_is_found(released: Course) -> None:
    assert [] == verify_module(released, 1, "linear")
    with (released.assignments / "week_1/checks/test_linear.py").open("a") as file:
        file.write(f"# {SOLUTION_LINE}\n")
    drifted, leak = verify_module(released, 1, "linear")
    assert leak.startswith("leak: assignments/week_1/checks/test_linear.py:")
    assert drifted.startswith("drift: ")


SOLUTION_LINE = "return self.remembered * self.weight"
HIDDEN_LINE = "assert student.linear.Linear().backward(17) == 17 * 3"


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("week_1/notes.py", SOLUTION_LINE, "solutions/week_1/linear.py:16"),
        ("week_1/notes.py", f"    {SOLUTION_LINE}  # here", "solutions/week_1/linear.py:16"),
        ("week_1/notes.py", f"# {SOLUTION_LINE}", "solutions/week_1/linear.py:16"),
        ("week_1/notes.py", SOLUTION_LINE.replace(" * ", "*"), "solutions/week_1/linear.py:16"),
        ("week_2/README.md", f"Then `{SOLUTION_LINE}` it.", "solutions/week_1/linear.py:16"),
        ("week_1/x.ipynb", f'"source": "{SOLUTION_LINE}\\n"', "solutions/week_1/linear.py:16"),
        ("README.md", f"| {SOLUTION_LINE} |", "solutions/week_1/linear.py:16"),
        ("given/x.py", HIDDEN_LINE, "solutions/week_1/checks/test_linear.py:7"),
        ("x.py", "y = x * self.weight ** 2 + (self.size - 1)", "mistake linear-squared (with)"),
    ],
)
def test_an_answer_in_a_released_file_is_found(
    released: Course, name: str, text: str, place: str
) -> None:
    (released.assignments / name).write_text(f"\n{text}\n")
    leaks = [problem for problem in verify(released, [1]) if problem.startswith("leak")]
    [leak] = leaks
    assert leak.startswith(f"leak: assignments/{name}:2: holds the ")
    assert place in leak


@pytest.mark.parametrize("marker", ["### BEGIN SOLUTION do", "### END HIDDEN TESTS"])
def test_a_released_marker_is_found(released: Course, marker: str) -> None:
    (released.assignments / "notes.md").write_text(f"text\n{marker}\n")
    assert "leak: assignments/notes.md:2: a marker was released." in verify(released, [1])


def test_short_lines_and_lines_given_anyway_are_no_secrets(root: Path) -> None:
    edit(root / "solutions/week_1/linear.py", "self.size = size", SOLUTION_LINE)
    course = load_course(root)
    lines = collect(course).lines
    assert normalise(SOLUTION_LINE) not in lines
    assert normalise("self.remembered = x * scale + self.size") in lines


def test_a_file_that_is_not_text_holds_no_secret(course: Course) -> None:
    assert find("a.npz", b"\xff\x00", collect(course)) == []


MISTAKE = "linear-squared"  # no public check shows it: the stand-in for the grader releases none
HINT = "The weight is not squared, and none of its entries is taken to any other power."


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("week_1/a.md", b"see linear-squared.", "a.md:1: holds the id of mistake linear-squared."),
        ("week_1/a.json", b'[{"id": "linear-squared"}]', "holds the id of mistake linear-squared."),
        ("linear-squared.txt", b"", "its name holds the id of mistake linear-squared."),
        ("week_1/a.md", HINT.encode(), "holds the text of mistake linear-squared (hint)."),
        ("week_1/a.json", b"test_flatten", "holds the name of the hidden check of"),
    ],
)
def test_mistakes_and_hidden_checks_are_not_named(
    root: Path, name: str, content: bytes, said: str
) -> None:
    edit(root / "solutions/week_1/mistakes.toml", "The weight is not squared.", HINT)
    course = load_course(root)
    build(course, [1, 2])
    assert [] == verify(course, [1, 2])
    (course.assignments / name).write_bytes(content)
    leaks = [problem for problem in verify(course, [1, 2]) if problem.startswith("leak")]
    assert len(leaks) == 1
    assert said in leaks[0]


def test_mistakes_that_a_public_check_shows_may_be_named(released: Course) -> None:
    text = '[{"id": "linear-squared", "hint": "The weight is not squared.", "module": "linear"}]'
    (released.assignments / "week_1/checks/mistakes.json").write_text(text)
    assert MISTAKE not in collect(released).words


def test_names_in_an_archive_are_read(course: Course) -> None:
    archive = io.BytesIO()
    np.savez(archive, **{f"mistake/{MISTAKE}/y": np.zeros(3)})
    assert find("a.npz", archive.getvalue(), collect(course)) == [
        "a.npz: holds the id of mistake linear-squared."
    ]


def test_a_broken_mistakes_file_is_named(course: Course) -> None:
    (course.solutions / "week_1/mistakes.toml").write_text("[[mistake]")
    with pytest.raises(CourseError, match=r"solutions/week_1/mistakes\.toml: not valid TOML"):
        collect(course)


class TestBranches:
    @pytest.fixture(autouse=True)
    def repository(self, released: Course, git: Callable[..., str]) -> None:
        self.course, self.git = released, git

    def commit_to(self, ref: str, path: str, content: str) -> str:
        """A commit without parents, or on top of the ref, that holds one file."""
        self.git("read-tree", "--empty")
        source = self.course.root / "content.local"
        source.write_text(content)
        blob = self.git("hash-object", "-w", str(source))
        self.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
        tree = self.git("write-tree")
        parents = self.git("for-each-ref", "--format=%(objectname)", ref).split()
        parent = ["-p", *parents] if parents else []
        commit = self.git("commit-tree", tree, *parent, "-m", "x")
        self.git("update-ref", ref, commit)
        return commit

    def leaks(self) -> list[str]:
        return verify(self.course, [1])

    def test_a_clean_branch_is_fine(self) -> None:
        self.commit_to("refs/heads/week_1_exercise", "a.py", "x = 1\n")
        assert self.leaks() == []

    @pytest.mark.parametrize(
        "ref", ["refs/heads/week_2_exercise", "refs/remotes/origin/week_2_exercise"]
    )
    def test_an_answer_in_an_older_commit_is_found(self, ref: str) -> None:
        self.commit_to(ref, "a.py", f"{SOLUTION_LINE}\n")
        self.commit_to(ref, "b.py", "x = 1\n")
        short = ref.removeprefix("refs/heads/").removeprefix("refs/remotes/")
        assert self.leaks() == [
            f"leak: {short}: a.py:1: holds the line of solutions/week_1/linear.py:16."
            " Delete the branch, here and where it was pushed, and publish again."
        ]

    @pytest.mark.parametrize(
        "path",
        ["solutions/a.py", "x/mistakes.toml", "x/mutants.toml", "x/deviations.toml", "examples/a"],
    )
    def test_a_forbidden_file_in_the_history_is_found(self, path: str) -> None:
        self.commit_to("refs/heads/week_1_exercise", path, "")
        self.commit_to("refs/heads/week_1_exercise", "b.py", "")
        [leak] = self.leaks()
        assert leak.startswith(f"leak: week_1_exercise: holds {path} in its history.")

    def test_markers_count_only_in_what_is_generated(self) -> None:
        self.commit_to("refs/heads/week_1_exercise", "course/regions.py", "### BEGIN SOLUTION x\n")
        assert self.leaks() == []
        self.commit_to("refs/heads/week_1_exercise", "assignments/a.py", "### END SOLUTION\n")
        [leak] = self.leaks()
        assert "assignments/a.py:1: a marker was released." in leak

    def test_shared_history_is_found(self) -> None:
        self.git("branch", "week_1_exercise", "main")
        [leak] = self.leaks()
        assert leak.startswith("leak: week_1_exercise: shares commits with main")

    def test_file_with_two_names_is_looked_at_under_both(self) -> None:
        """git stores it once, and lists one of its names."""
        answer = f"{SOLUTION_LINE}\n"
        self.commit_to("refs/heads/week_1_exercise", "x.py", "")
        self.commit_to("refs/heads/week_1_answer", "answers/week_1/linear.py", answer)
        assert self.leaks() == []
        self.commit_to("refs/heads/week_1_exercise", "assignments/week_1/a.py", answer)
        [leak] = self.leaks()
        assert "week_1_exercise: assignments/week_1/a.py:1: holds the line of" in leak

    def test_answers_that_were_never_given_out_are_found(self) -> None:
        self.commit_to("refs/heads/week_2_exercise", "answers/week_1/linear.py", SOLUTION_LINE)
        [leak] = self.leaks()
        assert "answers/week_1/linear.py: was never given out by `release answer 1`." in leak

    @pytest.mark.parametrize("text", [HIDDEN_LINE, "test_flatten", MISTAKE])
    def test_answers_hold_no_hidden_check_and_no_mistake(self, text: str) -> None:
        self.commit_to("refs/heads/week_1_answer", "answers/week_1/linear.py", f"{text}\n")
        [leak] = self.leaks()
        assert leak.startswith("leak: week_1_answer: answers/week_1/linear.py:1: holds the ")

    def test_answers_of_one_week_are_not_those_of_another(self) -> None:
        flatten = "return x.reshape(len(x), -1) if x.size else x\n"
        self.commit_to("refs/heads/week_1_answer", "answers/week_1/linear.py", flatten)
        [leak] = self.leaks()
        assert "holds the line of solutions/week_2/flatten.py" in leak

    def test_words_of_a_commit_are_read(self) -> None:
        commit = self.commit_to("refs/heads/week_1_exercise", "a.py", "")
        said = self.git("commit-tree", f"{commit}^{{tree}}", "-m", f"Catch {MISTAKE}")
        self.git("update-ref", "refs/heads/week_1_exercise", said)
        [leak] = self.leaks()
        assert "its messages:3: holds the id of mistake linear-squared." in leak

    @pytest.mark.parametrize("kind", [(), ("-a", "-m", "a tag")])
    def test_what_only_a_tag_holds_is_read(self, kind: tuple[str, ...]) -> None:
        source = self.course.root / "content.local"
        source.write_text(f"{SOLUTION_LINE}\n")
        blob = self.git("hash-object", "-w", str(source))
        self.git("tag", *kind, "week_1_exercise", blob)
        [leak] = self.leaks()
        assert "holds the line of solutions/week_1/linear.py:16." in leak

    def test_other_branches_are_nobodys_business(self) -> None:
        self.git("branch", "draft", "main")
        assert self.leaks() == []
