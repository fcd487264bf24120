"""`python -m bench`: what it prints of a row, and its exit code; nothing is measured here."""

from __future__ import annotations

import types

import pytest

from bench import __main__ as program
from bench.measure import Row, medians

LONGEST = "ScaledDotProductAttention 8x8x256x64"
KEPT = Row("LayerNorm 32x50x64", 1.0, 0.5, 2.0, 3, "ms")
TOO_SLOW = Row(LONGEST, 4500.0, 1000.0, 4.5, 3, "ms")
TOO_SMALL = Row("(b) plain pytest with torch : batch", 4.0, 0.5, 8.0, 10, at_least=True)
UNLIMITED = Row(LONGEST, 9999.9, 1000.0, 99.99, unit="ms")


@pytest.fixture
def bench(monkeypatch):
    """Run the program with these rows in place of both parts."""

    def run(*arguments, **rows):
        def part(name):
            return types.SimpleNamespace(rows=lambda: rows.get(name.removeprefix("bench."), []))

        monkeypatch.setattr(program, "prepare", lambda: None)
        monkeypatch.setattr(program.importlib, "import_module", part)
        return program.main(list(arguments))

    return run


def test_a_limit_that_holds_is_no_failure(bench, capsys):
    assert bench(grader=[UNLIMITED], library=[KEPT]) == 0
    printed = capsys.readouterr().out
    assert "MISSED" not in printed
    assert "shown, no limit" in printed


@pytest.mark.parametrize("row", [TOO_SLOW, TOO_SMALL])
def test_a_row_beyond_its_limit_is_marked_and_the_exit_code_is_1(bench, capsys, row):
    assert bench(grader=[row], library=[KEPT]) == 1
    marked = [line for line in capsys.readouterr().out.splitlines() if line.endswith("  MISSED")]
    assert [line.startswith(row.what) for line in marked] == [True]


def test_one_part_alone(bench, capsys):
    assert bench("library", library=[KEPT]) == 0
    assert "grader" not in capsys.readouterr().out


def test_an_unknown_part_is_wrong_usage(bench, capsys):
    with pytest.raises(SystemExit) as ended:
        bench("libary")
    assert ended.value.code == 2
    assert "'libary': choose from grader, student, library" in capsys.readouterr().err


@pytest.mark.parametrize("row", [KEPT, TOO_SLOW, TOO_SMALL, UNLIMITED])
def test_a_row_fits_in_80_columns(row):
    assert len(program.line(row)) <= 80


def test_the_help_fits_in_80_columns(bench, capsys):
    with pytest.raises(SystemExit) as ended:
        bench("--help")
    assert ended.value.code == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_the_ratio_is_the_median_of_the_turns_ratios():
    turns = [(2.0, 1.0), (30.0, 10.0), (4.0, 1.0)]  # a busy second turn, on both sides
    assert medians(turns) == (4.0, 1.0, 3.0)
