"""Text and numbers for readers."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.report import text


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        ("plain\nlines", "plain\nlines"),
        ("a\nb", "a\r\nb"),
        (r"a\rb", "a\rb"),
        ("a   b", "a\tb"),
        (r"\x1b[31m\x07\x00", "\x1b[31m\x07\x00"),
        (r"\x9b2J", "\x9b2J"),
        (r"\u202eabc\u2066", "\u202eabc\u2066"),
        (r"\ud800", "\ud800"),
        (r"\U000e0041", "\U000e0041"),
        ("שלום é 字 👩\u200d🔬", "שלום é 字 👩\u200d🔬"),
    ],
)
def test_unsafe_characters_are_made_visible(expected: str, raw: str) -> None:
    assert expected == text.visible(raw)


@given(st.text())
def test_visible_text_is_printable_and_stays_as_it_is(raw: str) -> None:
    shown = text.visible(raw)
    assert not set(map(chr, [*range(10), *range(11, 32), *range(127, 160)])) & set(shown)
    assert shown == text.visible(shown)


@given(st.text(), st.integers(1, 50))
def test_one_line_is_one_short_line(raw: str, limit: int) -> None:
    line = text.one_line(raw, limit)
    assert len(line) <= limit
    assert "\n" not in line


@pytest.mark.parametrize(
    ("expected", "raw"),
    [
        ("a\nb", "a\nb"),
        ("a\nb\n… 1 more line", "a\nb\nc"),
        ("a\nb\n… 2 more lines", "a\nb\nc\nd\n\n"),
        ("0123456789…", "0123456789abc"),
        ("", ""),
    ],
)
def test_shorten_says_what_it_left_out(expected: str, raw: str) -> None:
    assert expected == text.shorten(raw, 2, 10)


@pytest.mark.parametrize(
    ("expected", "left", "right"),
    [
        (("1", "2"), 1.0, 2.0),
        (("0.25", "0.250000001"), 0.25, 0.250000001),
        (("0.29999999999999999", "0.30000000000000004"), 0.3, 0.1 + 0.2),
        (("nan", "-inf"), math.nan, -math.inf),
        (("1", "-"), 1.0, None),
    ],
)
def test_pair_has_the_digits_that_tell_two_numbers_apart(
    expected: tuple[str, str], left: float, right: float | None
) -> None:
    assert expected == text.pair(left, right)


@pytest.mark.parametrize(
    ("expected", "earned", "maximum"),
    [("0 %", 0, 0), ("99 %", 99.9, 100), ("29 %", 0.29, 1), ("100 %", 3, 3), ("0 %", math.nan, 1)],
)
def test_percent_rounds_down(expected: str, earned: float, maximum: float) -> None:
    assert expected == text.percent(text.share(earned, maximum))


@pytest.mark.parametrize(
    ("expected", "value"), [("14", 14.0), ("2.5", 2.5), ("0.33", 1 / 3), ("100", 100.0)]
)
def test_points_have_at_most_two_decimals(expected: str, value: float) -> None:
    assert expected == text.points(value)


def test_shapes_are_written_as_in_python() -> None:
    assert [text.shape(sizes) for sizes in ([5, 4], [3], [])] == ["(5, 4)", "(3,)", "()"]
