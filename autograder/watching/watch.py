"""`make watch`: grades on every save, in one process that stays.

The process holds the checks, and a worker that was started ahead; it never imports what is saved.
A save ends what still trains for the one before, whose result nobody waits for any more.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from rich.console import Console

from autograder.options import GradingError, InputError, Options
from autograder.report import html, saves, text
from autograder.report.console import Page
from autograder.report.difference import Difference
from autograder.report.places import folders, from_folder, handout
from autograder.report.saves import Save
from autograder.results import Record, claimed, write_atomically
from autograder.submission.waiting import Waiting
from autograder.watching import contents
from autograder.watching.contents import State
from autograder.watching.rounds import Rounds
from autograder.watching.saves import Saves, watched
from course.config import Course, Week
from course.errors import CourseError

SILENT = 2.0  # seconds without a word, after which it says that it runs


class Watch:
    """What stays from save to save: the checks, the last results, the worker for the next one."""

    def __init__(
        self,
        course: Course,
        week: Week,
        folder: Path,
        options: Options,
        page: Path,
        console: Console,
        student: str = "",
    ) -> None:
        self.course, self.week, self.folder, self.options = course, week, folder, options
        self.page, self.console = page, console
        self.rounds = Rounds(course, week, folder, options, student)
        self.waiting = Waiting(course, week, options)
        self.seen: State = {}  # what was graded, or refused with a message
        self.ungraded: set[Path] = set()  # what was saved since the last time that it could be
        self.record: Record | None = None
        self.shares: list[float] = []
        self.last = Save("", (), Difference(), ())
        self.interrupted = False

    def look(self, notices: Saves) -> None:
        """Grade what was saved since the last look, if anything was."""
        now = contents.state(self.course, self.week, self.folder)
        self.ungraded.update(contents.changed(self.seen, now))
        if now == self.seen:
            return
        self.seen = now
        files = sorted(self.ungraded)
        try:
            self.grade(files, notices)
        except (GradingError, CourseError) as error:
            self.tell(self.save_of(files, Difference(), problem=str(error)), ())

    def grade(self, files: Collection[Path], notices: Saves) -> None:
        """The two parts of a round; a save that comes in the second ends it.

        Raises:
            GradingError, CourseError: what was saved can't be graded as it is.
        """
        contents.refuse_half_saved(self.course, self.week, self.folder)
        worker, before = self.waiting, self.record  # as it was when this was saved
        try:
            self.first(worker, files, before)
            self.waiting = Waiting(self.course, self.week, self.options)
            self.rest(worker, files, before, notices)
        finally:
            notices.at_once = lambda: None
            worker.close()
            if self.waiting is worker:  # it was used up in vain
                self.waiting = Waiting(self.course, self.week, self.options)

    def first(self, worker: Waiting, files: Collection[Path], before: Record | None) -> None:
        """What the save changes first, and tell it."""
        started = time.monotonic()
        slow = threading.Timer(SILENT, self.say_that_it_runs)
        slow.start()
        try:
            self.rounds.take_in(worker)
            self.record = self.rounds.first(worker.session, files)
        finally:
            slow.cancel()
        self.ungraded.clear()
        self.shares.append(share(self.record))
        took = time.monotonic() - started
        changed = Difference.between(before, self.record)
        self.tell(self.save_of(files, changed, seconds=took, trains=True), files)

    def say_that_it_runs(self) -> None:
        """Called in a thread of its own, while a round is silent."""
        seconds = self.options.limits.check_seconds
        Page(self.console).line(
            f"Still running. A loop without an end is stopped after {seconds:g} s in each check.",
            indent=2,
        )

    def rest(
        self, worker: Waiting, files: Collection[Path], before: Record | None, notices: Saves
    ) -> None:
        """All other checks, unless something is saved before they have run."""
        self.interrupted = False
        notices.at_once = lambda: self.interrupt(worker)
        record = self.rounds.rest(worker.session, files)
        notices.at_once = lambda: None
        if self.interrupted:
            return
        untold = Difference.between(self.record, record)
        self.record, self.shares[-1] = record, share(record)
        changed = Difference.between(before, record)
        self.tell(self.save_of(files, changed, untold=untold), files)

    def interrupt(self, worker: Waiting) -> None:
        """Something was saved: what still runs is of no use. Called in the watching thread."""
        if contents.state(self.course, self.week, self.folder) != self.seen:
            self.interrupted = True
            worker.session.give_up()

    def save_of(
        self,
        files: Collection[Path],
        difference: Difference,
        seconds: float | None = None,
        untold: Difference | None = None,
        problem: str = "",
        trains: bool = False,
    ) -> Save:
        names = [self.course.relative(file) for file in files]
        if len(names) > len(self.week.modules):
            names = [f"week {self.week.number}"]
        when = time.strftime("%H:%M:%S")
        return Save(when, names, difference, self.shares, seconds, untold, problem, trains)

    def tell(self, save: Save, files: Collection[Path]) -> None:
        """In the terminal first, then on the page."""
        self.last = save
        saves.render(save, self.shown(), {file.stem for file in files}, self.console)
        self.write_page()

    def shown(self) -> Record | None:
        """The record with names of files that can be clicked."""
        if self.record is None:
            return None
        return from_folder(self.record, folders(self.course, self.week.number, self.folder))

    def write_page(self, goes_on: bool = True) -> None:
        """The report with what the last save changed; it loads itself again while this goes on."""
        if (record := self.shown()) is not None:
            links = handout(self.course, self.week.number, self.page)
            page = html.render(record, save=replace(self.last, goes_on=goes_on), handout=links)
            write_atomically(self.page, page.encode())


def share(record: Record) -> float:
    return text.share(record.score, record.max_score)


def watch(
    course: Course,
    week: Week,
    folder: Path,
    options: Options,
    page: Path,
    console: Console,
    student: str = "",
) -> None:
    """Grade now and after each save, until Ctrl-C.

    Raises:
        InputError: there is no such folder, or a watch of this week is running already.
    """
    if not folder.is_dir():
        raise InputError(
            f"{course.relative(folder)} is not a folder: it is to hold the week's files"
        )
    page.parent.mkdir(parents=True, exist_ok=True)
    try:
        with claimed(page.parent):
            until_stopped(Watch(course, week, folder, options, page, console, student))
    except BlockingIOError:
        raise InputError(
            f"week {week.number} is being watched already, by another `make watch`: that one goes "
            f"on, and its page is {page}"
        ) from None


def until_stopped(watch: Watch) -> None:
    """Look after each notice that something may have changed."""
    places = contents.folders(watch.course, watch.week, watch.folder)
    try:
        with watched([place for place in places if place.is_dir()]) as notices:
            Page(watch.console).line(
                f"Watching {text.one_line(watch.course.relative(watch.folder))}: save a file, and "
                f"it is graded. The page: {text.one_line(str(watch.page))}. Ctrl-C ends it."
            )
            while True:
                watch.look(notices)
                notices.wait()
    except KeyboardInterrupt:
        watch.console.print("\nStopped watching. Your files are as you saved them.")
    finally:
        watch.waiting.close()
        watch.write_page(goes_on=False)
