"""Calls that go to a worker and what comes back: values, arrays, objects, exceptions, prints."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from autograder.checking.verdicts import verdict_of
from autograder.results import Verdict
from autograder.sandbox.remote import Module, Package, Remote
from autograder.sandbox.remote_worker import RemoteWorker
from autograder.sandbox.session import RefusedModule, Session, StudentError

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
    assert {"items": [1, 2, 3]} == RemoteWorker(code._session).fetch(box)


def test_an_entry_of_a_list_is_read_by_its_number(code: Module) -> None:
    box = code.Box(1)
    box.parts = [10, (20, 30)]
    assert 30 == box.read("parts.1.1")
    with pytest.raises(StudentError, match="out of range"):
        box.read("parts.2")


def test_kept_array_shows_what_was_done_to_it(session: Session) -> None:
    worker = RemoteWorker(session)
    kept = worker.keep(np.arange(3.0))
    np.testing.assert_array_equal([0, 1, 2], worker.fetch(kept))
    worker.call("numpy.copyto", kept, np.array([3.0, 4.0, 5.0]))
    np.testing.assert_array_equal([3, 4, 5], worker.fetch(kept))
    assert 3 == len(kept.tolist())


def test_functions_are_called_by_their_dotted_names(code: Module, session: Session) -> None:
    box = code.Box(1, 2)
    assert [1, 2] == RemoteWorker(session).call("operator.getitem", box, "items")


def test_generators_of_one_seed_draw_alike(session: Session) -> None:
    worker = RemoteWorker(session)
    one, other = worker.generator(7), worker.generator(7)
    assert one.random(3).tolist() == other.random(3).tolist()
    assert np.random.default_rng(7).random() == worker.generator(7).random()


def test_check_cannot_send_what_has_no_message(code: Module) -> None:
    with pytest.raises(TypeError, match="can't send a set"):
        code.echo({1})
    with pytest.raises(TypeError, match="dtype complex128"):
        code.echo(np.array([1j]))


# ---- exceptions and prints ---------------------------------------------------------------------


def test_exception_that_does_not_tell_its_name_is_one_all_the_same(code: Module) -> None:
    with pytest.raises(StudentError, match="Exception: but with words"):
        code.hide()
    assert 3 == code.echo(3)


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
