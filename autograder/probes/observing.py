"""Runs probes on a submission, and keeps what it gave."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np

from autograder.checking.verdicts import OURS
from autograder.mistakes.evidence import Evidence
from autograder.oracle.cache import Arrays, cache_of
from autograder.oracle.expected import Oracle
from autograder.oracle.released import Released
from autograder.parity.compare import EVIDENCE_BYTES, CheckFailed
from autograder.probes.probe import Observer, Probe, Scene
from autograder.probes.whole import WholeNumbers
from autograder.replay.steps import Step
from autograder.results import Comparison
from autograder.sandbox import protocol as wire
from autograder.sandbox.launch import Limits
from autograder.sandbox.protocol import Array, Ok, Raised, Request
from autograder.sandbox.remote import Package
from autograder.sandbox.remote_worker import RemoteWorker
from autograder.sandbox.session import RefusedModule, Session, StudentError
from course.config import Course, Week

FILE = "probes.npz"  # what a student's checkout has in place of oracles
EXCEPTION = "what it raises"  # the label of an exception
SHORT, DEEP, LONGEST = 30, 3, 100  # lists of objects, in lists; a name in a dictionary
LONGEST_LIST = 500  # of a list or a text that is kept
LIMITS = Limits(check_seconds=2.0, training_seconds=2.0, total_seconds=30.0)


@dataclass
class Observation:
    """What a submission gave for a probe."""

    probe: Probe
    comparisons: list[Comparison] = field(default_factory=list)
    wrong: dict[str, Array] = field(default_factory=dict)  # by the label of the comparison
    expected: dict[str, Array] = field(default_factory=dict)
    follows: dict[str, bool] = field(default_factory=dict)  # what was wrong before it, by label
    reasons: dict[str, str] = field(default_factory=dict)  # what it means, by label, where known
    plain: dict[str, tuple[Any, Any]] = field(default_factory=dict)  # texts and lists that differ
    steps: list[Step] = field(default_factory=list)
    wanted: str = ""  # in the place of what it raises
    attempted: bool = True
    written: bool = False  # what it raises, by a `raise` of its own, in a file of this week
    ended: bool = False  # before its end: by a crash, by time, by a value that can't be handled

    @property
    def usable(self) -> bool:
        return self.attempted and not self.ended


class Observing:
    """Runs probes in a session. `used` holds the expected arrays, for a release.

    Args:
        inquires: find out what follows from what, which costs calls: of submissions alone.
    """

    def __init__(
        self, course: Course, week: Week, session: Session, inquires: bool = False
    ) -> None:
        self.course, self.week, self.session = course, week, session
        self.inquires = inquires
        self.asks = session  # what probes ask, if that isn't the session itself
        released = Released(course.checks(week.number) / FILE)
        self.released = released if released.exists and not course.has_solutions else None
        self.used: Arrays = {}

    def observe(self, probes: Iterable[Probe]) -> list[Observation]:
        """What the submission gives for each. A class of which nothing can be seen is given up."""
        found: list[Observation] = []
        lost: set[str] = set()
        for probe in probes:
            if probe.subject in lost:
                continue
            found.append(self.run(probe))
            if not found[-1].usable:
                lost.add(probe.subject)
        return [one for one in found if one.probe.subject not in lost]

    def run(self, probe: Probe) -> Observation:
        seen, parity, session = Observation(probe), Observer(inquires=self.inquires), self.session

        def listen(request: Request, arrays: list[Array], reply: Ok | Raised | None) -> None:
            seen.steps.append(Step(request, arrays, outline(reply), len(parity.comparisons)))

        session.begin_check()
        session.listener = listen
        oracle = self.oracle(probe)
        try:
            probe.run(self.scene(probe, oracle, parity))
        except CheckFailed:
            pass  # it was noted
        except RefusedModule:  # nothing of it can be seen
            seen.ended = True
        except StudentError as error:
            seen.attempted = not error.not_attempted
            own = f"week_{self.week.number}/"
            last = error.frames[-1] if error.frames else ""
            seen.written = last.startswith(own) and ": raise " in last
            parity.add(raised(error), f"{error.kinds[0]} in {called(seen.steps[-1].request)}")
        except OURS:
            raise
        except Exception:  # the solution passes each probe, so what ends it else is a submission's:
            seen.ended = True  # a worker that ended, a value of a kind that nobody can list
        finally:
            session.listener = None
        self.used |= {
            f"{place}/{name}": array
            for place, arrays in oracle.used.items()
            for name, array in arrays.items()
        }
        seen.comparisons, seen.follows = parity.comparisons, parity.follows
        seen.wanted, seen.reasons = parity.wanted, parity.reasons
        seen.plain = {k: pair for k, pair in parity.plain.items() if len(pair[0]) <= LONGEST_LIST}
        seen.expected = small(parity.seen)
        seen.wrong = {label: np.asarray(value) for label, value in parity.evidence.items()}
        return seen

    def scene(self, probe: Probe, oracle: Oracle, parity: Observer) -> Scene:
        numbers = WholeNumbers(zlib.crc32(probe.title.encode()))
        return Scene(
            Package(self.asks, f"week_{self.week.number}"),
            Package(self.asks, "given"),
            lambda number: Package(self.asks, f"week_{number}"),
            RemoteWorker(self.asks),
            cast(np.random.Generator, numbers),
            oracle,
            parity,
        )

    def oracle(self, probe: Probe) -> Oracle:
        cache = cache_of(self.course.root)
        return Oracle(f"probe/{probe.title}", self.course.oracles, cache, self.released)


def small(expected: Mapping[str, Array]) -> dict[str, Array]:
    """Those that are not large: where a submission is compared with itself, they are its own.

    Copies, as what came over the pipe is a view of all the bytes that came with it.
    """
    return {label: a.copy() for label, a in expected.items() if a.nbytes <= EVIDENCE_BYTES}


def outline(reply: Ok | Raised | None) -> Ok | Raised | None:
    """How it ended, and the objects that stayed in the worker: all that is kept of a reply, which
    a submission can make as large as a frame may be."""
    if isinstance(reply, Ok):
        return Ok(reply.id, objects(reply.value), [])
    return reply and Raised(reply.id, [], "", [])


def objects(value: wire.Value, depth: int = 0) -> wire.Value:
    """A value with nothing in it but the objects and their places in short lists."""
    if isinstance(value, wire.Handle):
        return wire.Handle(value.v)
    short = isinstance(value, (wire.List, wire.Tuple, wire.Dict)) and len(value.v) <= SHORT
    if short and depth < DEEP and isinstance(value, (wire.List, wire.Tuple)):
        return type(value)([objects(one, depth + 1) for one in value.v])
    if short and depth < DEEP and isinstance(value, wire.Dict):
        named = [(k, v) for k, v in value.v if isinstance(k, wire.Str) and len(k.v) <= LONGEST]
        return wire.Dict([(key, objects(one, depth + 1)) for key, one in named])
    return value if isinstance(value, wire.Null) else wire.Bool(True)


def excused(seen: Iterable[Observation]) -> frozenset[str]:
    """The labels that are wrong only because of what was wrong before, as far as was found out."""
    found: dict[str, bool] = {}
    for one in seen:
        for label, follows in one.follows.items():
            found[label] = found.get(label, True) and follows
    return frozenset(label for label, follows in found.items() if follows)


def raised(error: StudentError) -> Comparison:
    """An exception, as something that is wrong."""
    return Comparison(EXCEPTION, False, "exception", f"raises {error.kinds[0]}")


def called(request: Request) -> str:
    """The method or function that was called: "backward"."""
    if request.op == "get" and isinstance(request.target, str):
        return "import"
    return request.attributes[-1] if request.attributes else str(request.op)


def evidence(seen: Iterable[Observation]) -> Evidence:
    """What was wrong, by the title of the probe and the label."""
    return {one.probe.title: one.wrong for one in seen if one.wrong}


def limited(limits: Limits) -> Limits:
    """The limits of explaining, in the same sandbox."""
    return replace(
        limits,
        check_seconds=LIMITS.check_seconds,
        training_seconds=LIMITS.training_seconds,
        total_seconds=LIMITS.total_seconds,
    )
