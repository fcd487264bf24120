"""Runs changed solutions in one worker, one after another: starting it takes longer than checking.

The changes are ours (mistakes, mutants, near-stubs), so none of them disturbs the next. A worker
that one of them ended is replaced.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from autograder.checking.run import run_checks
from autograder.checking.tools import Run
from autograder.options import Options
from autograder.sandbox.remote import Function
from autograder.sandbox.session import Session
from autograder.submission.opening import opened
from course.config import Course, Week

Changed = Mapping[str, str]  # the texts of modules that differ from the solution's
Changing = Callable[[Changed, Options], Run]


@contextmanager
def replacing(
    course: Course, week: Week, options: Options
) -> Iterator[tuple[Session, Callable[[Changed], None]]]:
    """A session with the solution, and a function that puts other modules into their places."""
    with opened(course, week, course.folder(week.number), options) as (session, intake):
        folder = intake.root / f"week_{week.number}"
        solution = {m: (folder / f"{m}.py").read_text(encoding="utf-8") for m in week.modules}

        def put(changed: Changed) -> None:
            for module, text in solution.items():
                new = changed.get(module, text)
                (folder / f"{module}.py").write_text(new, encoding="utf-8")
            forget(week, session)

        yield session, put


@contextmanager
def changing(course: Course, week: Week, options: Options) -> Iterator[Changing]:
    """A function that runs the checks on the solution with some modules replaced."""
    with replacing(course, week, options) as (session, put):

        def run(changed: Changed, chosen: Options) -> Run:
            put(changed)
            return run_checks(course, week, session, chosen)

        yield run


def forget(week: Week, session: Session) -> None:
    """Let the worker import the week's modules anew, and give it all of its time again."""
    session.spent = 0.0
    session.begin_check()
    for module in week.modules:
        name = f"week_{week.number}.{module}"
        Function(session, "sys", ("modules", "pop"))(name, None)
        session.imported.discard(name)
        session.broken.pop(name, None)
