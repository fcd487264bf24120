"""Comparing with torch: what is wrong is named in order, and nothing trivial can pass."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest

from autograder.parity.arrays import describe
from autograder.parity.compare import (
    EVIDENCE_BYTES,
    CheckFailed,
    Parity,
    TrivialExpectation,
    shorten,
)
from autograder.results import Comparison, Heatmap
from autograder.sandbox.protocol import Raised
from autograder.sandbox.session import StudentError

RNG = np.random.default_rng(0)
EXPECTED = RNG.standard_normal((3, 4))


def compared(got: Any, expected: Any = EXPECTED, **options: Any) -> Comparison:
    parity = Parity()
    parity("y", got, expected, **options)
    return parity.comparisons[0]


def changed(index: tuple[int, ...], value: float, array: Any = EXPECTED) -> Any:
    other = array.copy()
    other[index] = value
    return other


def test_equal_array_passes() -> None:
    result = compared(EXPECTED + 1e-12)
    assert result.passed
    assert "" == result.problem == result.message
    assert result.max_error == pytest.approx(1e-12, rel=1e-2)


def test_shape_is_named_before_dtype_and_values() -> None:
    result = compared(np.full((4, 3), np.nan, np.float32))
    assert ("shape", "y: shape (4, 3), expected (3, 4)") == (result.problem, result.message)
    assert ([4, 3], [3, 4]) == (result.got_shape, result.expected_shape)


def test_dtype_is_named_before_values() -> None:
    result = compared(np.full((3, 4), np.nan, np.float32))
    assert ("dtype", "y: dtype float32, expected float64") == (result.problem, result.message)


def test_nan_is_named_before_other_wrong_values() -> None:
    result = compared(changed((1, 2), np.nan, EXPECTED + 1))
    assert "nan" == result.problem
    assert [1, 2] == result.where
    assert "1 of 12 values are NaN or infinite, most of all at [1, 2]: got nan" in result.message


def test_largest_error_is_shown_with_its_place() -> None:
    result = compared(changed((2, 3), EXPECTED[2, 3] + 5, changed((0, 0), EXPECTED[0, 0] + 1)))
    assert ("values", [2, 3], 2, 12) == (result.problem, result.where, result.wrong, result.size)
    assert result.max_error == pytest.approx(5)
    assert (EXPECTED[2, 3], EXPECTED[2, 3] + 5) == (result.expected_value, result.got_value)
    assert result.heatmap is not None


@pytest.mark.parametrize(
    ("got", "words"),
    [
        (None, "nothing (None)"),
        ([[1.0] * 4] * 3, "a list of 3"),
        ((EXPECTED,), "a tuple of 1"),
        ("text", "a str"),
        (True, "a bool"),
        ({"y": 1}, "a dict"),
    ],
)
def test_what_is_no_array_is_described(got: Any, words: str) -> None:
    result = compared(got)
    assert "missing" == result.problem
    assert f"y: expected an array of shape (3, 4), got {words}" == result.message


@pytest.mark.parametrize(
    "got",
    [0.9375, np.array(0.9375), np.array(0.9375, np.float32), np.array(0.9375, np.float16)],
)
def test_number_may_have_any_type(got: Any) -> None:
    for expected, passes in ((0.9375, True), (0.9375 + 1 / 45, False)):
        parity = Parity()
        parity.number("accuracy", got, expected)
        assert passes == parity.comparisons[0].passed


@pytest.mark.parametrize("got", [None, True, "1.0", [1.0], np.array([1.0]), np.array(True)])
def test_what_is_no_number_does_not_pass_as_one(got: Any) -> None:
    parity = Parity()
    parity.number("accuracy", got, 1.0)
    assert not parity.comparisons[0].passed


def test_parts_are_those_of_any_sequence_of_so_many() -> None:
    for got in ((1.0, 2.0), [1.0, 2.0], np.array([1.0, 2.0])):
        assert (1.0, 2.0) == Parity().parts("pair", got, 2)
    for got in (None, np.array(2.0), np.array([1.0, 2.0, 3.0]), {0: 1.0, 1: 2.0}):
        parity = Parity()
        assert (None, None) == parity.parts("pair", got, 2)
        assert "expected a tuple of 2" in parity.comparisons[0].message


# ---- tolerances --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("dtype", "within", "outside"),
    [(np.float64, 3e-8, 3e-7), (np.float32, 3e-5, 3e-4), (np.float16, 3e-3, 3e-2)],
)
def test_tolerance_fits_the_dtype(dtype: Any, within: float, outside: float) -> None:
    expected = EXPECTED.astype(dtype)
    assert compared((EXPECTED * (1 + within)).astype(dtype), expected).passed
    assert not compared((EXPECTED * (1 + outside)).astype(dtype), expected).passed


@pytest.mark.parametrize("scale", [1e-8, 1.0, 1e8, 1e100])
def test_tolerance_fits_the_scale_of_the_array(scale: float) -> None:
    expected = EXPECTED * scale
    assert compared(expected + 1e-9 * scale, expected).passed
    assert not compared(expected + 1e-6 * scale, expected).passed
    assert not compared(expected * 0, expected).passed


def test_small_value_in_a_large_array_has_room_for_rounding() -> None:
    expected = np.array([1e-12, 1.0, 2.0])
    assert compared(expected + 1e-9, expected).passed


def test_one_huge_value_gives_the_others_no_room() -> None:
    expected = np.concatenate([EXPECTED.ravel(), [1e3]])
    assert not compared(expected + 1e-3 * (np.arange(13) == 0), expected).passed


def test_tolerance_can_be_set() -> None:
    assert compared(EXPECTED * 1.001, rtol=1e-2).passed


def test_whole_numbers_are_compared_exactly_whatever_their_width() -> None:
    expected = np.array([1, 2, 3])
    assert compared(expected.astype(np.int32), expected).passed
    assert compared(expected.astype(np.uint8), expected).passed
    assert not compared(expected + np.array([0, 0, 1]), expected).passed
    assert "dtype" == compared(expected.astype(float), expected).problem


# ---- numbers, NaN, infinities ------------------------------------------------------------------


def test_python_number_stands_for_an_array_without_axes() -> None:
    expected = np.float32(1.1)
    assert compared(1.1, expected).passed
    assert compared(2, np.array(2.0)).passed
    assert compared(np.array(1.1), np.array(1.1)).passed
    assert "shape" == compared(1.0).problem


@pytest.mark.parametrize("got", [3.7, float("nan"), float("inf"), 3.0])
def test_python_float_is_no_whole_number(got: float) -> None:
    assert "dtype" == compared(got, np.array(3)).problem
    assert compared(3, np.array(3)).passed


def test_infinity_equals_infinity_of_the_same_sign_only() -> None:
    expected = np.array([np.inf, -np.inf, 1.0, 2.0])
    assert compared(expected.copy(), expected).passed
    for value in (np.inf, 1e308, np.nan):
        assert not compared(changed((1,), value, expected), expected).passed


def test_nan_equals_nan_where_it_is_expected_only() -> None:
    expected = np.array([np.nan, 1.0, 2.0])
    assert compared(expected.copy(), expected).passed
    assert not compared(np.array([0.0, 1.0, 2.0]), expected).passed
    assert not compared(np.array([np.nan, np.nan, 2.0]), expected).passed


@pytest.mark.parametrize("value", [1e308, -1e308, np.inf, np.nan, 5e-324])
@pytest.mark.parametrize("shape", [(3, 4), (3, 4, 2), (4, 3), (12,)])
def test_numbers_that_overflow_are_wrong_and_nothing_else(value: float, shape: Any) -> None:
    assert not compared(np.full(shape, value)).passed
    assert not compared(np.full(shape, value), EXPECTED * 1e200).passed


@pytest.mark.parametrize("dtype", ["?", "i1", "u1", "i8", "u8", "f2", "f4"])
@pytest.mark.parametrize("expected", [EXPECTED, EXPECTED > 0, np.arange(12).reshape(3, 4)])
def test_any_dtype_can_be_compared_with_any(dtype: str, expected: Any) -> None:
    for shape in ((3, 4), (4, 3), (2, 3, 4), (0,)):
        compared(np.ones(shape, dtype), expected)


# ---- what no check may expect ------------------------------------------------------------------


@pytest.mark.parametrize(
    "expected",
    [np.zeros((3, 4)), np.full(3, 1e-13), np.ones(5), np.zeros(0), np.array([np.nan, np.inf]), 0.0],
)
def test_trivial_expectation_is_refused(expected: Any) -> None:
    with pytest.raises(TrivialExpectation, match=r"^y: the expected array is "):
        compared(expected, expected)
    assert compared(np.asarray(expected), expected, trivial=True).passed


def test_check_that_compares_nothing_is_refused() -> None:
    with pytest.raises(TrivialExpectation, match="compared nothing"):
        Parity().conclude()


# ---- a whole check -----------------------------------------------------------------------------


def test_check_goes_on_after_a_wrong_array_and_fails_at_its_end() -> None:
    parity = Parity()
    parity("first", EXPECTED + 1, EXPECTED)
    parity("second", EXPECTED, EXPECTED)
    parity("third", None, EXPECTED)
    assert [False, True, False] == [c.passed for c in parity.comparisons]
    assert ["first", "third"] == list(parity.evidence)
    with pytest.raises(CheckFailed, match=r"^first: .*; third: expected an array"):
        parity.conclude()


def test_evidence_is_a_copy_of_a_small_array_and_words_for_a_large_one() -> None:
    payload = np.ones(EVIDENCE_BYTES)
    parity = Parity()
    parity("small", payload[:12].reshape(3, 4), EXPECTED)
    parity("large", payload.reshape(1, -1), EXPECTED)
    assert parity.evidence["small"].base is None
    assert f"an array of shape (1, {EVIDENCE_BYTES})" == parity.evidence["large"]


def test_plain_values_are_compared_with_their_types() -> None:
    parity = Parity()
    parity.equal("same", {"a": [1, "b"]}, {"a": [1, "b"]})
    parity.equal("other", [1, 2], [1, 3])
    parity.equal("kind", (1, 2), [1, 2])
    parity.equal("array in a list", [np.array([1, 2])], [1])
    parity.equal("empty array in a list", [np.array([])], [1])
    assert [True, False, False, False, False] == [c.passed for c in parity.comparisons]
    assert "got [1, 2], expected [1, 3]" == parity.comparisons[1].message


def test_condition_is_noted_with_its_message() -> None:
    parity = Parity()
    parity.holds("good", True, "bad")
    parity.holds("bad", False, "it is bad")
    assert ["", "it is bad"] == [c.message for c in parity.comparisons]


def test_shown_values_are_short_and_harmless() -> None:
    assert "'\\x1b[2J'" == shorten("\x1b[2J")
    assert 201 == len(shorten("x" * 10_000))
    assert "an array of shape (3, 4)" == describe(EXPECTED)
    assert ("an int", "a float") == (describe(7), describe(7.0))


@pytest.mark.parametrize(
    ("got", "found"),
    [
        (None, "nothing (None)"),
        ([[1.0, 2.0], [3.0]], "a list of 2"),
        ([10**400, 1.0], "a list of 2"),
        ([1.0, 2.0, "3"], "a list of 3"),
        ({"a": 1.0}, "a dict"),
        (True, "a bool"),
        (np.zeros((2, 2)), "float64 array of shape (2, 2)"),
        (np.zeros(3, np.float32), "float32 array of shape (3,)"),
        (np.zeros(3, int), "int64 array of shape (3,)"),
        (np.zeros(3, complex), "an array of shape (3,)"),
    ],
)
def test_only_an_array_of_the_right_kind_is_looked_into(got: Any, found: str) -> None:
    parity = Parity()
    message = f"weight: expected float64 array of shape (3,), got {found}"
    with pytest.raises(CheckFailed, match=re.escape(message)):
        parity.array("weight", got, (3,), "float64")
    assert [message] == [comparison.message for comparison in parity.comparisons]


@pytest.mark.parametrize("got", [[1, 2.5], (1.0, 2.5), np.array([1, 2.5], np.float32)])
def test_numbers_of_any_width_become_an_array_that_is_ours(got: Any) -> None:
    parity = Parity()
    values = parity.array("losses", got, (2,))
    assert (np.float64, [1.0, 2.5]) == (values.dtype, values.tolist())
    assert [4, 2] == parity.array("ids", np.array([4, 2], np.uint8), (2,), "int").tolist()
    assert 0.5 == parity.array("loss", 0.5, ())
    parity.conclude()


def test_dictionary_of_arrays_is_known_by_its_shapes() -> None:
    parity, state = Parity(), {"weight": np.ones((2, 3)), "bias": np.ones(2)}
    assert state == parity.arrays("state", state, [(2,), (2, 3)])
    for got, found in (
        (None, "nothing (None)"),
        ({}, "a dict"),
        ({"bias": np.ones(2)}, "(2,)"),
        ({"bias": np.ones(2), "weight": np.ones((3, 2))}, "(2,) (3, 2)"),
        ({"bias": np.ones(2), "weight": [[1.0]]}, "(2,)"),
        ({"bias": np.ones(2), 3: np.ones((2, 3))}, "a dict"),
    ):
        message = f"state: expected float arrays of the shapes (2,) (2, 3), got {found}"
        with pytest.raises(CheckFailed, match=re.escape(message)):
            Parity().arrays("state", got, [(2,), (2, 3)])


def test_entry_of_something_that_may_be_no_dictionary() -> None:
    parity = Parity()
    assert 3 == parity.item({"a": 3}, "a")
    assert [None] * 3 == [parity.item(got, "a") for got in ({"b": 3}, [3], None)]


def raises(*kinds: str, message: str = "no") -> Any:
    def call() -> None:
        raise StudentError(Raised(0, list(kinds), message, []))

    return call


def test_refusal_is_an_error_of_the_right_kind() -> None:
    parity = Parity()
    parity.refuses("a", raises("ValueError", "Exception"))
    parity.refuses("b", raises("KeyError", "LookupError"), "a KeyError")
    parity.refuses("c", raises("ValueError", message=""))  # no handout asks for words
    parity.refuses("e", raises("TypeError"), "an error about its shape")  # of whatever kind
    parity.conclude()
    parity.refuses("d", lambda: 3, "a ValueError that names both shapes")
    assert ["d: accepted; raise a ValueError that names both shapes"] == [
        comparison.message for comparison in parity.comparisons if not comparison.passed
    ]


@pytest.mark.parametrize(
    "kinds", [("KeyError",), ("AssertionError",), ("NotImplementedError", "RuntimeError")]
)
def test_error_that_is_no_refusal_ends_the_check(kinds: tuple[str, ...]) -> None:
    with pytest.raises(StudentError):
        Parity().refuses("a", raises(*kinds))


def test_picture_goes_to_the_report() -> None:
    pictures: list[Any] = []
    Parity(pictures=pictures).picture("attention", np.array([[0.25, np.nan], [2.0, -1.0]]))
    assert [Heatmap("attention", [[0.25, 0.0], [1.0, 0.0]], "0", "1")] == pictures


def test_comparison_names_the_case_that_it_is_about() -> None:
    parity = Parity(case="Linear(3, 4, bias=False)")
    parity("output", np.zeros(2), np.arange(2.0))
    parity.case = ""
    parity("output", np.zeros(2), np.arange(2.0))
    first, second = parity.comparisons
    assert ("output, Linear(3, 4, bias=False)", "output") == (first.label, second.label)
    assert f"Linear(3, 4, bias=False): {second.message}" == first.message
