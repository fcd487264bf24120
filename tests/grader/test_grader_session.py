"""Calls that go to a worker and come back; workers that end, and time that runs out."""

from __future__ import annotations

import math
import sys
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from textwrap import dedent
from typing import Any

import numpy as np
import pytest

from autograder.process import WorkerCrashed, WorkerNotStarted, WorkerTimeout
from autograder.protocol import Request
from autograder.remote import Module, Package, Remote, StaleObject, fetch, generator, keep
from autograder.results import Verdict
from autograder.sandbox import Launch, Limits, plain
from autograder.session import RefusedModule, Session, StudentError
from autograder.verdicts import verdict_of

CODE = """
    import os
    import numpy as np
    print("imported")

    def echo(value):
        return value

    def layout(array):
        return [array.flags.c_contiguous, array.flags.f_contiguous, array.flags.writeable]

    def say(text, stream=None):
        print(text)
        return len(text)

    def fail(message="no"):
        raise TypeError(message)

    def leave(status):
        os._exit(status)

    def hang():
        while True:
            pass

    def odd(kind):
        return {
            "big": np.arange(3, dtype=">f8"),
            "object": np.array([None, 1]),
            "text": np.array(["a"]),
            "huge": 1 << 80,
            "set": {1, 2},
            "surrogate": "\\ud800",
            "number": np.float64(1.5),
            "subclass": np.ma.masked_array([1.0, 2.0]),
            "dictionary": {(1, 2): 3},
        }[kind]

    class Box(dict):
        name = "a box"
        def __init__(self, *items):
            super().__init__(items=list(items))
        def count(self):
            return len(self["items"])

    class Stub:
        def forward(self, x):
            raise NotImplementedError("week_1/code.py: Stub.forward")
"""
LIMITS = Limits(check_seconds=20.0, total_seconds=60.0)


def folder(tmp_path: Path) -> Path:
    week = tmp_path / "root" / "week_1"
    if not week.is_dir():
        week.mkdir(parents=True)
        (week / "__init__.py").touch()
        (week / "code.py").write_text(dedent(CODE))
        (week / "ends.py").write_text("import os; os._exit(4)\n")
        (week / "stops.py").write_text("while True: pass\n")
        (week / "wrong.py").write_text("x = 1\ndef f(:\n    pass\n")
    return tmp_path / "root"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    session = Session(partial(plain, folder(tmp_path), LIMITS), LIMITS, {"absent": "is missing"})
    session.begin_check()
    yield session
    session.close()


@pytest.fixture
def code(session: Session) -> Module:
    return Package(session, "week_1").code


VALUES: list[Any] = [
    *(None, True, False, 0, -7, (1 << 63) - 1, 0.1, -0.0, math.inf, 5e-324, "", "é\n\0"),
    *([], (), {}, [1, [2.5, (None, "x")]], {"a": [1], 2: None, 1.5: True, None: "y"}),
]


@pytest.mark.parametrize("value", VALUES, ids=repr)
def test_plain_value_comes_back_as_it_was(code: Module, value: Any) -> None:
    got = code.echo(value)
    assert type(value) is type(got)
    assert value == got
    assert repr(value) == repr(got)


def test_arrays_come_back_bit_for_bit(code: Module) -> None:
    rng = np.random.default_rng(0)
    for kind in ("f2", "f4", "f8", "i1", "i4", "i8", "u1", "u8", "?"):
        for shape in ((), (0, 3), (1,), (2, 3), (1, 2, 1, 3)):
            array = (rng.standard_normal(shape) * 3).astype(kind)
            got = code.echo(array)
            assert array.dtype == got.dtype
            assert array.shape == got.shape
            assert array.tobytes() == got.tobytes()
    assert math.isnan(code.echo(math.nan))
    np.testing.assert_array_equal([np.nan, -np.inf], code.echo(np.array([np.nan, -np.inf])))


def test_arrays_lie_in_memory_as_the_check_made_them(code: Module) -> None:
    square = np.arange(6.0).reshape(2, 3)
    wide = np.zeros((2, 6))[:, ::2]
    assert [True, False, True] == code.layout(square)
    assert [False, True, True] == code.layout(np.asfortranarray(square))
    assert [False, False, True] == code.layout(wide)


def test_what_is_no_plain_value_stays_in_the_worker(code: Module) -> None:
    for kind in ("object", "text", "huge", "set"):
        assert isinstance(code.odd(kind), Remote)
    assert "<a set of the submission>" == repr(code.odd("set"))
    assert "?" == code.odd("surrogate")
    assert np.array_equal([0.0, 1.0, 2.0], code.odd("big"))
    assert 1.5 == code.odd("number")
    assert np.ndarray is type(code.odd("subclass"))


def test_object_of_a_class_that_is_a_collection_stays_an_object(code: Module) -> None:
    box = code.Box(1, 2, 3)
    assert isinstance(box, Remote)
    assert 3 == box.count()
    assert "a box" == box.name
    box.name = "another"
    assert "another" == box.read("name")
    assert {"items": [1, 2, 3]} == fetch(code._session, box)


def test_kept_array_shows_what_was_done_to_it(code: Module, session: Session) -> None:
    kept = keep(session, np.arange(3.0))
    code.echo(kept)
    np.testing.assert_array_equal([0, 1, 2], fetch(session, kept))
    assert 3 == len(kept.tolist())


def test_generators_of_one_seed_draw_alike(session: Session) -> None:
    one, other = generator(session, 7), generator(session, 7)
    assert one.random(3).tolist() == other.random(3).tolist()
    assert np.random.default_rng(7).random() == generator(session, 7).random()


def test_check_cannot_send_what_has_no_message(code: Module) -> None:
    with pytest.raises(TypeError, match="can't send a set"):
        code.echo({1})
    with pytest.raises(TypeError, match="dtype complex128"):
        code.echo(np.array([1j]))


# ---- exceptions and prints ---------------------------------------------------------------------


def test_exception_is_described_with_the_submissions_own_lines(code: Module) -> None:
    with pytest.raises(StudentError, match=r"^TypeError: é$") as caught:
        code.fail("é")
    assert ["TypeError", "Exception", "BaseException"] == caught.value.kinds
    assert ["week_1/code.py:17 in fail: raise TypeError(message)"] == caught.value.frames
    assert Verdict.ERROR == verdict_of(caught.value)[0]


def test_stub_is_not_attempted(code: Module) -> None:
    with pytest.raises(StudentError) as caught:
        code.Stub().forward(1)
    assert (Verdict.NOT_ATTEMPTED, "week_1/code.py: Stub.forward") == verdict_of(caught.value)


def test_missing_name_and_wrong_arguments_are_errors(code: Module) -> None:
    with pytest.raises(StudentError, match="has no attribute 'Nothing'"):
        code.Nothing(1)
    with pytest.raises(StudentError, match=r"^TypeError: echo\(\) takes 1 positional"):
        code.echo(1, 2)
    with pytest.raises(StudentError, match="unexpected keyword argument 'other'"):
        code.echo(other=1)


def test_syntax_error_is_shown_with_its_line(session: Session) -> None:
    with pytest.raises(StudentError, match=r"^SyntaxError: ") as caught:
        Package(session, "week_1").wrong.f()
    assert ["week_1/wrong.py:2 in module: def f(:"] == caught.value.frames


def test_prints_belong_to_the_check_that_they_were_made_in(code: Module, session: Session) -> None:
    code.say("one")
    assert "imported\none\n" == "".join(session.printed)
    session.begin_check()
    code.say("two\x1b[2J")
    assert "two[2J\n" == "".join(session.printed)


def test_endless_prints_are_cut(code: Module, session: Session) -> None:
    assert 1 << 20 == code.say("x" * (1 << 20))
    assert 8192 + len("imported\n") == len("".join(session.printed))


def test_refused_module_is_not_asked_for(session: Session) -> None:
    with pytest.raises(RefusedModule) as caught:
        Package(session, "week_1").absent.Linear(3)
    assert (Verdict.ERROR, "is missing") == verdict_of(caught.value)


# ---- workers that end --------------------------------------------------------------------------


def test_worker_that_ended_is_replaced_and_its_objects_are_stale(
    code: Module, session: Session
) -> None:
    box = code.Box(1)
    with pytest.raises(WorkerCrashed, match="ended by itself, with status 3") as caught:
        code.leave(3)
    assert Verdict.CRASHED == verdict_of(caught.value)[0]
    session.begin_check()
    assert 5 == code.echo(5)
    assert 2 == session.generation
    with pytest.raises(StaleObject, match="<a Box of the submission> ended with its worker"):
        box.count()


def test_import_that_ends_the_process_is_not_tried_again(session: Session) -> None:
    for _ in range(3):
        session.begin_check()
        with pytest.raises(WorkerCrashed, match="with status 4"):
            Package(session, "week_1").ends.f()
    assert 1 == session.generation
    assert 5 == Package(session, "week_1").code.echo(5)
    assert 2 == session.generation


def test_check_that_takes_too_long_is_ended(code: Module, session: Session) -> None:
    assert 1 == code.echo(1)
    session.limits = replace(LIMITS, check_seconds=0.3)
    session.begin_check()
    with pytest.raises(WorkerTimeout) as caught:
        code.hang()
    assert Verdict.TIMEOUT == verdict_of(caught.value)[0]
    assert not session.exhausted


def test_import_that_hangs_costs_its_time_once(session: Session) -> None:
    session.limits = replace(LIMITS, check_seconds=0.5)
    spent = []
    for _ in range(3):
        session.begin_check()
        with pytest.raises(WorkerTimeout):
            Package(session, "week_1").stops.f()
        spent.append(session.spent)
    assert spent[0] == spent[2]


def test_all_checks_together_have_a_budget(code: Module, session: Session) -> None:
    assert 1 == code.echo(1)
    session.limits = replace(LIMITS, total_seconds=session.spent + 0.2)
    assert not session.exhausted
    session.begin_check()
    with pytest.raises(WorkerTimeout):
        code.hang()
    assert session.exhausted


def test_output_of_the_process_itself_is_kept_and_cut(tmp_path: Path) -> None:
    week = folder(tmp_path) / "week_1"
    (week / "loud.py").write_text("import os\nos.write(2, b'\\x1bdone ' + b'x' * 100_000)\n")
    session = Session(partial(plain, tmp_path / "root", LIMITS), LIMITS)
    session.begin_check()
    with pytest.raises(StudentError, match="has no attribute 'f'"):
        Package(session, "week_1").loud.f()
    session.close()
    assert session.process_output.startswith("done xxx")
    assert len(session.process_output) <= 16384


@pytest.mark.parametrize(
    ("code", "reason"),
    [
        ("raise SystemExit('no bwrap')", "no bwrap"),
        ("import os; os._exit(5)", "with status 5"),
    ],
)
def test_worker_that_does_not_start_is_the_graders_fault(code: str, reason: str) -> None:
    session = Session(lambda: Launch([sys.executable, "-c", code], {}), LIMITS)
    session.begin_check()
    with pytest.raises(WorkerNotStarted, match=reason) as caught:
        Package(session, "week_1").code.echo(1)
    assert Verdict.GRADER_ERROR == verdict_of(caught.value)[0]
    session.close()


def test_time_that_starting_takes_is_not_counted(session: Session) -> None:
    before = session.deadline
    with pytest.raises(StudentError, match="has no attribute 'nothing'"):
        session.ask(Request(0, "get", "math", ["nothing"]))
    assert before < session.deadline
