"""How a run of the command line ends: its exit code, and the words that say what happened."""

from __future__ import annotations

import shutil
import sys
import textwrap
import traceback
from collections.abc import Callable
from functools import partial

from click import Context, Group

from autograder.options import GradingError
from autograder.results import OUR_FAULT, Record
from autograder.sandbox.launch import SandboxError
from autograder.sandbox.protocol import clean
from course.errors import CourseError

WIDEST = 100  # columns of a message
BELOW, USAGE, FAULT, STOPPED = 1, 2, 3, 130


class Stopped(Exception):
    """Ctrl-C or a signal ended the run; its notes say what was kept."""


class Commands(Group):
    """Keeps click from ending a program that was stopped without a word, and commands in order."""

    def list_commands(self, ctx: Context) -> list[str]:
        return sorted(super().list_commands(ctx), key=[*self.commands].index)

    def invoke(self, ctx: Context) -> object:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as interrupt:
            stopped = Stopped()
            for note in notes(interrupt):
                stopped.add_note(note)
            raise stopped from None


def exit_code(records: list[Record], fail_under: float | None) -> int:
    if any(not r.complete or any(c.verdict in OUR_FAULT for c in r.checks) for r in records):
        return FAULT
    below = fail_under is not None and any(
        100 * r.score < fail_under * r.max_score or not r.max_score for r in records
    )
    return BELOW if below else 0


def last_line(records: list[Record], unwritten: list[str], code: int) -> str:
    """What a run over a class came to: 60 submissions: 57 graded, 3 incomplete. Exit 3."""
    complete = sum(record.complete for record in records)
    nothing = sum(not record.found for record in records)
    counts = {
        "incomplete": len(records) - complete - nothing,
        "with nothing found": nothing,
        "without a report": len(unwritten),
    }
    parts = [f"{complete} graded", *(f"{n} {what}" for what, n in counts.items() if n)]
    submissions = "submission" if len(records) == 1 else "submissions"
    return f"{len(records)} {submissions}: {', '.join(parts)}. Exit {code}."


def notes(error: BaseException) -> list[str]:
    return list(getattr(error, "__notes__", []))


def complain(text: str, error: BaseException) -> None:
    """Say what is wrong, and what was kept if a batch ended early."""
    kept = notes(error)
    more = [*kept, "To go on, run the same command again."] if kept else []
    sys.stderr.write(f"{wrapped(' '.join(['autograder: ' + text, *more]))}\n")


def wrapped(text: str) -> str:
    """Broken between words, where somebody reads it in a terminal."""
    if not sys.stderr.isatty():
        return text
    width = min(shutil.get_terminal_size().columns, WIDEST)
    lines = text.split("\n")
    fill = partial(textwrap.fill, width=width, break_long_words=False, break_on_hyphens=False)
    return "\n".join(map(fill, lines))


def run(what: Callable[[], None]) -> None:
    """Run the command line; every error ends in a message and its exit code."""
    try:
        what()
    except (Stopped, KeyboardInterrupt) as error:
        complain("stopped.", error)
        sys.exit(STOPPED)
    except (CourseError, SandboxError) as error:
        complain(str(error), error)
        sys.exit(USAGE)
    except GradingError as error:
        complain(str(error), error)
        sys.exit(error.exit_code)
    except BrokenPipeError:
        sys.exit(FAULT)
    except OSError as error:
        text = f"{error.filename or 'writing'}: {error.strerror or error}."
        complain(f"{text} Nothing was half-written.", error)
        sys.exit(FAULT)
    except Exception as error:
        sys.stderr.write(clean(traceback.format_exc(), 20_000))
        complain("this is a fault of the grader, not of the submission: please report it", error)
        sys.exit(FAULT)
