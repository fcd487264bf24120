"""What a submission of the corpus is: its text, and what it must come to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from textwrap import dedent

from grader_course import GENEROUS as ALL_THE_TIME
from grader_course import LINEAR, WEIGHT

from autograder.sandbox.launch import Limits

HONEST = LINEAR
# Right shapes, and nothing but zeros: whatever passes beside it, it didn't earn.
ZEROS = f"""{LINEAR}
def forward(self, x):
    return np.zeros((*x.shape[:-1], self.out_features), x.dtype)


def backward(self, grad_out):
    return np.zeros((*grad_out.shape[:-1], self.in_features), grad_out.dtype)


Linear.forward, Linear.backward = forward, backward
"""
GENEROUS = replace(ALL_THE_TIME, memory=1 << 29)
SHORT = replace(GENEROUS, check_seconds=1.0, total_seconds=2.0)  # for what never ends
PLACE = "@PLACE@"  # in a submission's text: the folder of the run, with course and results


@dataclass(frozen=True)
class Case:
    """A submission, and what must come of it.

    Attributes:
        code: goes behind `base` into linear.py.
        weight: of the checks that its honest parts pass, together.
        verdict: how the first of the checks ends.
        says: part of that check's message.
        limits: short for what ends by time alone; elsewhere a busy machine must change nothing.
        make: for what is more than a linear.py: gets the folder, and the text of linear.py.
        found: whether any file of the week is in it; if not, `says` is part of its note.
        contained: takes resources or breaks out: also graded as an ordinary user.
    """

    name: str
    code: str = ""
    base: str = ZEROS
    weight: int = 0
    verdict: str = "failed"
    says: str = ""
    limits: Limits = GENEROUS
    make: Callable[[Path, str], None] | None = None
    found: bool = True
    contained: bool = False

    def write(self, folder: Path, place: str) -> None:
        """Make the submission; `place` is the run's folder as the grader will see it."""
        folder.mkdir()
        text = (self.base + "\n" + dedent(self.code)).replace(PLACE, place)
        if self.make is not None:
            self.make(folder, text)
        else:
            (folder / "linear.py").write_text(text, encoding="utf-8")


def honest(name: str, code: str, weight: int = WEIGHT, **others: object) -> Case:
    """A submission that is right, and does something else besides."""
    verdict = "passed"
    return Case(name, code, **({"base": HONEST, "weight": weight, "verdict": verdict} | others))


# The first and the last of the batch: what the others do must not reach them.
BASELINES = (
    honest("aaa-honest", "", contained=True),
    Case("aaa-zeros"),
    honest("zzz-honest", "", contained=True),
)
