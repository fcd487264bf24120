"""What a check asked of a submission, call by call, and which of the calls went wrong."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, field
from pathlib import Path

from autograder.checking.choosing import chosen, nearest_word, words_of
from autograder.checking.collected import checks_of
from autograder.checking.marks import check_id, title_of
from autograder.checking.run import run_checks
from autograder.options import InputError, Options
from autograder.results import CheckResult, Verdict
from autograder.sandbox.protocol import Array, Ok, Raised, Request
from autograder.submission.opening import opened
from course.config import Course, Week

MOST = 400  # calls of a check that are replayed; one that trains by hand makes more


@dataclass(frozen=True)
class Step:
    """One request, its arrays, and the reply; `compared` arrays had been compared before."""

    request: Request
    arrays: list[Array]
    reply: Ok | Raised | None
    compared: int


@dataclass
class Recording:
    """A check with all that it asked."""

    result: CheckResult
    steps: list[Step] = field(default_factory=list)
    expected: dict[str, Array] = field(default_factory=dict)  # by the label of the comparison

    @property
    def wrong(self) -> int:
        """The place of the call that goes wrong: the last one before the first wrong array."""
        calls = [
            place for place, step in enumerate(self.steps) if step.request.op in ("call", "make")
        ]
        failing = [n for n, one in enumerate(self.result.comparisons) if not one.passed]
        if self.result.verdict is Verdict.FAILED and failing:
            before = [place for place in calls if self.steps[place].compared <= failing[0]]
            return (before or calls)[-1]
        if self.result.verdict is not Verdict.PASSED:
            return len(self.steps) - 1
        answered = [place for place in calls if isinstance(self.steps[place].reply, Ok)]
        return (answered or calls)[-1]


def week_of(course: Course, asked: str) -> Week:
    """The last week that has a check, a class or a module of this name.

    Raises:
        InputError: none has; the message names the nearest.
    """
    words: list[str] = []
    for number in reversed(course.written):
        collected, week = checks_of(course, number), course.week(number)
        marks = collected.plugin.marks
        checks = [
            CheckResult(check_id(item), title_of(item), marks[check_id(item)].module, 0, False)
            for item in collected.items
        ]
        with contextlib.suppress(InputError):
            chosen(asked, week, checks)
            return week
        classes = [name for names in week.modules.values() for name in names]
        words += [*classes, *week.modules, *words_of(checks)]
    raise InputError(
        f'no week has a check, a class or a module "{asked}".{nearest_word(asked, words)}'
    )


def record(course: Course, week: Week, folder: Path, options: Options) -> Recording:
    """Run what `options.only` asks for; the first check of it that doesn't pass, or the last one.

    Raises:
        InputError: there is none, or it doesn't call the submission, or too often.
    """
    recordings: dict[str, Recording] = {}
    plugin = checks_of(course, week.number).plugin

    def listen(request: Request, arrays: list[Array], reply: Ok | Raised | None) -> None:
        if (tools := plugin.tools) is None:
            return
        recording = recordings.setdefault(tools.result.id, Recording(tools.result))
        recording.expected = tools.parity.seen
        recording.steps.append(Step(request, arrays, reply, len(tools.parity.comparisons)))

    with opened(course, week, folder, options) as (session, _):
        session.listener = listen
        results = run_checks(course, week, session, options).results.values()
    wrong = [result for result in results if result.verdict is not Verdict.PASSED]
    result = wrong[0] if wrong else [*results][-1]
    recording = recordings.get(result.id)
    if recording is None:
        raise InputError(f"{result.title}: calls nothing of yours. {result.message}".strip())
    if len(recording.steps) > MOST:
        raise InputError(f"{result.title}: makes {len(recording.steps)} calls, too many to follow")
    return recording
