"""A small course for every test, and one run of the whole corpus."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest
from grader_call import Ended
from grader_cases import CASES
from grader_course import LINEAR, REPOSITORY, SECRET, build, graded, options, submit
from grader_run import Outcome, run
from grader_worker import LIMITS, folder

from autograder import ending
from autograder.canaries import prove
from autograder.cli import program
from autograder.mistakes.changing import Changing, changing
from autograder.options import Options
from autograder.results import CheckResult
from autograder.sandbox.launch import plain
from autograder.sandbox.remote import Module, Package
from autograder.sandbox.session import Session
from course.config import Course, load_course
from course.trust import trust

Shared = Callable[[str, Callable[[Path], object]], Path]


@pytest.fixture(scope="session")
def course(shared: Shared) -> Course:
    """A course of one week with one class: expected values and what its canaries got are cached."""

    def make(folder: Path) -> None:
        course = build(folder / "course")
        graded(course, folder / "submission", LINEAR)
        (course.root / ".course-secret").write_text(SECRET)
        prove(course, course.week(1), Options())

    return load_course(shared("grader", make) / "course")


@pytest.fixture(scope="session")
def corpus(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The whole corpus, graded in one batch by whoever runs the tests."""
    return run(tmp_path_factory.mktemp("corpus") / "run", course, CASES)


@pytest.fixture(scope="session")
def contained(course: Course, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The submissions that take and break out, graded by an ordinary user."""
    cases = [case for case in CASES if case.contained]
    return run(tmp_path_factory.mktemp("contained") / "run", course, cases, ordinary=True)


@pytest.fixture(scope="session")
def whole(shared: Shared) -> Course:
    """A copy of the whole course: what a run leaves in it doesn't show in the repository."""

    def make(root: Path) -> None:
        ignored = shutil.ignore_patterns("__pycache__", ".cache")
        for name in ("solutions", "assignments"):
            shutil.copytree(REPOSITORY / name, root / name, ignore=ignored)
        for name in ("course.toml", ".gitignore"):
            shutil.copy(REPOSITORY / name, root)

    return load_course(shared("whole", make))


@pytest.fixture(scope="session")
def changed(whole: Course) -> Iterator[Callable[..., list[CheckResult]]]:
    """Grades a week's reference with the texts of some modules replaced, in one worker for each."""
    with ExitStack() as stack:
        runs: dict[int, Changing] = {}

        def grade(number: int, texts: dict[str, str], modules: Iterable[str]) -> list[CheckResult]:
            if number not in runs:
                week = whole.week(number)
                runs[number] = stack.enter_context(changing(whole, week, options()))
            return list(runs[number](texts, options(modules=tuple(modules))).results.values())

        yield grade


@pytest.fixture
def checkout(course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small course with a submission, `ada`; it is the working directory."""
    root = tmp_path / "course"
    shutil.copytree(course.root, root)
    (root / ".course-secret").write_text(SECRET)  # of which the expected values are cached
    submit(root / "ada", LINEAR)
    trust(root)
    monkeypatch.chdir(root)
    for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)
    return root


@pytest.fixture
def call(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Ended]:
    """Runs the command line in this process."""

    def run(*arguments: str) -> Ended:
        monkeypatch.setattr(sys, "argv", ["autograder", *arguments])
        with pytest.raises(SystemExit) as ended:
            ending.run(program.app)
        out, error = capsys.readouterr()
        return Ended(int(ended.value.code or 0), out, error)

    return run


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(partial(plain, folder(tmp_path), LIMITS), LIMITS, {"absent": "is missing"})
    session.begin_check()
    yield session
    session.close()


@pytest.fixture
def code(session: Session) -> Module:
    return Package(session, "week_1").code
