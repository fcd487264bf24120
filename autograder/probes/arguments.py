"""The solution, asked otherwise: an argument left out, two exchanged, a call that isn't made.

Who ignores an argument gives what the solution gives without it. Nobody has to declare that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import cast

import msgspec

from autograder.mistakes.changing import replacing
from autograder.mistakes.effects import LIMITS
from autograder.mistakes.evidence import Evidence, flatten, pack, unpack
from autograder.mistakes.explaining import alike
from autograder.mistakes.keys import Keys
from autograder.options import Options
from autograder.oracle.cache import Arrays, cache_of
from autograder.parity.compare import ACCEPTED
from autograder.probes.observing import EXCEPTION, Observation, Observing, evidence
from autograder.probes.probe import probes_of
from autograder.sandbox import protocol as wire
from autograder.sandbox.protocol import Array, Ok, Request
from autograder.sandbox.session import Session
from course.config import Course, Week

LEAST = 2  # probes in which a change shows something but an exception
Change = Callable[[Request], Request | None]
Told = dict[str, Evidence]  # a sentence -> what is wrong then


class Altered:
    """A session in which some requests are changed before they are sent, or not sent at all."""

    in_one_message = False  # each is looked at

    def __init__(self, session: Session, change: Change) -> None:
        self.session, self.change = session, change

    @property
    def generation(self) -> int:
        return self.session.generation

    def note(self, request: Request, arrays: list[Array]) -> None:
        self.session.note(request, arrays)

    def ask(self, request: Request, arrays: list[Array] | None = None) -> tuple[Ok, list[Array]]:
        changed = self.change(request)
        if changed is None:
            return Ok(request.id, wire.Null(), []), []
        return self.session.ask(changed, arrays)


def told(course: Course, week: Week, module: str, options: Options) -> Told:
    """What the probes of a module get wrong with each change; from the cache where it is there."""
    key = Keys(course, week, options).of_arguments(module)
    cached = cache_of(course.root).get(key)
    if cached is not None:
        return unpack(cached)
    found = run(course, week, module)
    cache_of(course.root).put(key, pack(found))
    return found


def run(course: Course, week: Week, module: str) -> Told:
    probes = probes_of(course, week, module)
    found: Told = {}
    with replacing(course, week, Options(sandboxed=False, limits=LIMITS)) as (session, _):
        observing = Observing(course, week, session)
        for subject in dict.fromkeys(probe.subject for probe in probes):
            chosen = [probe for probe in probes if probe.subject == subject]
            observing.asks = session
            for sentence, change in changes(subject, observing.observe(chosen)):
                observing.asks = cast(Session, Altered(session, change))
                seen, again = (computed(evidence(observing.observe(chosen))) for _ in range(2))
                if shows(seen) and repeats(flatten(seen), flatten(again)):
                    found[sentence] = seen
    return found


def computed(seen: Evidence) -> Evidence:
    """Without what is to be refused: who ignores an argument may have looked at it before."""
    kept = {
        title: {label: a for label, a in wrong.items() if ACCEPTED not in str(a)}
        for title, wrong in seen.items()
    }
    return {title: wrong for title, wrong in kept.items() if wrong}


def repeats(one: Arrays, other: Arrays) -> bool:
    """Whether it is the same twice: the default of what is left out may be to draw something."""
    return one.keys() == other.keys() and all(alike(one[key], other[key]) for key in one)


def shows(seen: Evidence) -> bool:
    """Whether something else comes than an exception, which would have many causes."""
    return sum(bool(labels.keys() - {EXCEPTION}) for labels in seen.values()) >= LEAST


def changes(subject: str, seen: list[Observation]) -> Iterator[tuple[str, Change]]:
    """Every change that these probes make possible, with its sentence."""
    requests = [step.request for one in seen for step in one.steps]
    made = [request for request in requests if request.op == "make"]
    for name in dict.fromkeys(name for request in made for name in request.kwargs):
        sentence = f"{name} makes no difference: your {subject} does what it does with the default."
        yield sentence, without("make", "", name)
    for count in range(max((len(request.args) for request in made), default=0)):
        yield ignored(subject, count), first(count)
    called = [r for r in requests if r.op == "call" and isinstance(r.target, int) and r.attributes]
    for method in dict.fromkeys(request.attributes[-1] for request in called):
        some = [request for request in called if request.attributes[-1] == method]
        for name in dict.fromkeys(name for request in some for name in request.kwargs):
            sentence = f"{name} makes no difference in {subject}.{method}: it is as if not given."
            yield sentence, without("call", method, name)
        if not any(request.args or request.kwargs for request in some):
            sentence = f"{subject}.{method}() changes nothing that comes after it."
            yield sentence, silent(method)
        if any(len(request.arrays) >= 2 for request in some):
            sentence = f"{subject}.{method} takes its first two arguments in the wrong order."
            yield sentence, exchanged(method)


def ignored(subject: str, count: int) -> str:
    does = f"your {subject} does what it does"
    if not count:
        return f"Arguments make no difference: {does} without any."
    some = "argument makes" if count == 1 else f"{count} arguments make"
    return f"Only the first {some} a difference: {does} without the others."


def first(count: int) -> Change:
    """An object is made with so many of its arguments by position."""

    def change(request: Request) -> Request:
        if request.op != "make":
            return request
        return msgspec.structs.replace(request, args=request.args[:count])

    return change


def without(op: str, method: str, name: str) -> Change:
    """An argument by keyword is left out."""

    def change(request: Request) -> Request:
        if request.op != op or (method and request.attributes[-1:] != [method]):
            return request
        kept = {key: value for key, value in request.kwargs.items() if key != name}
        return msgspec.structs.replace(request, kwargs=kept)

    return change


def silent(method: str) -> Change:
    """A call is not made."""
    return lambda request: None if request.attributes[-1:] == [method] else request


def exchanged(method: str) -> Change:
    """The first two arguments change places."""

    def change(request: Request) -> Request:
        if request.op != "call" or request.attributes[-1:] != [method] or len(request.args) < 2:
            return request
        first, second, *rest = request.args
        return msgspec.structs.replace(request, args=[second, first, *rest])

    return change
