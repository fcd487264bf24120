"""What a check asked of a submission, call by call, and which of the calls went wrong."""

from __future__ import annotations

import contextlib
from pathlib import Path

from autograder.checking.choosing import chosen, nearest_word, words_of
from autograder.checking.collected import checks_of
from autograder.checking.marks import check_id, title_of
from autograder.checking.run import run_checks
from autograder.options import InputError, Options
from autograder.replay.steps import Recording, Step
from autograder.results import CheckResult, Verdict
from autograder.sandbox.protocol import Array, Ok, Raised, Request
from autograder.submission.opening import opened
from course.config import Course, Week

MOST = 400  # calls of a check that are replayed; one that trains by hand makes more


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
