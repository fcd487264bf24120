"""The command line: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import errno
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from grader_call import Ended, flat
from grader_course import LINEAR, POINTS, submit

from autograder import results
from autograder.cli import grading
from autograder.results import OURS

# ---- exit codes --------------------------------------------------------------------------------


def test_graded_submission_ends_with_0(call: Callable[..., Ended]) -> None:
    ended = call("grade", "1", "--submission", "ada")
    assert (0, "") == (ended.code, ended.error)
    assert "100/100 points" in ended.out


@pytest.mark.parametrize(("share", "code"), [("0", 0), ("50", 1), ("100", 1)])
def test_score_below_the_bar_ends_with_1(
    checkout: Path, call: Callable[..., Ended], share: str, code: int
) -> None:
    submit(checkout / "ada", LINEAR.replace("y += self.bias.data", "y -= self.bias.data"))
    assert code == call("grade", "1", "--submission", "ada", "--fail-under", share).code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["grade", "9"], "course.toml: no week 9. The weeks of this course: 1."),
        (["grade", "1", "--submission", "nobody"], "nobody is not a folder: hand over the one"),
        (["grade", "1", "--submission", "course.toml"], "course.toml is not a folder"),
        (["grade", "one"], "'one' is not a valid integer"),
        (["grade"], "WEEK"),
        (["grade", "1", "--fail-under", "200"], "200.0 is not in the range 0<=x<=100"),
        (["grade-all", "1", "nobody"], "it must hold one folder per student"),
        (["unknown"], "unknown"),
    ],
)
def test_wrong_usage_and_missing_input_end_with_2(
    call: Callable[..., Ended], arguments: list[str], words: str
) -> None:
    ended = call(*arguments)
    assert 2 == ended.code
    assert words in flat(ended.error)
    assert "Traceback" not in ended.error


def test_broken_course_ends_with_2_and_all_of_its_faults(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    text = (checkout / "course.toml").read_text()
    (checkout / "course.toml").write_text(text.replace("title", "titel").replace('"Linear"', "3"))
    ended = call("grade", "1", "--submission", "ada")
    assert 2 == ended.code
    assert 'Did you mean "title"?' in ended.error
    assert "linear" in ended.error


def test_folder_without_a_course_ends_with_2(
    call: Callable[..., Ended], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ended = call("grade", "1")
    assert 2 == ended.code
    assert "Run this in the course's folder." in ended.error


@pytest.mark.parametrize(
    "gone", ["solutions/week_1/checks", "solutions/week_1/checks/test_linear.py"]
)
def test_missing_checks_end_with_3(checkout: Path, call: Callable[..., Ended], gone: str) -> None:
    path = checkout / gone
    shutil.rmtree(path) if path.is_dir() else path.unlink()
    ended = call("grade", "1", "--submission", "ada")
    assert 3 == ended.code
    assert "week 1" in ended.error
    assert "" == ended.out


def test_broken_check_ends_with_3_and_its_place(checkout: Path, call: Callable[..., Ended]) -> None:
    (checkout / "solutions/week_1/checks/test_linear.py").write_text("import nowhere\n")
    ended = call("grade", "1", "--submission", "ada")
    assert 3 == ended.code
    assert "No module named 'nowhere'" in ended.error


def test_check_that_fails_through_our_fault_ends_with_3(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    path = checkout / "solutions/week_1/checks/test_linear.py"
    text = path.read_text()
    other = 'LINEAR.keeps("output", lambda contract, layer: contract.other(), '
    path.write_text(text.replace("LINEAR.forward((5, 3), ", other + "needs=(), "))
    assert other in path.read_text()
    ended = call("grade", "1", "--submission", "ada", "--json", "out.json", "--fail-under", "0")
    assert 3 == ended.code
    record = json.loads((checkout / "out.json").read_text())
    assert {"grader_error", "not_run"} == {check["verdict"] for check in record["checks"]}
    assert record["complete"] is False


def test_fault_of_the_grader_ends_with_3_and_asks_to_report_it(
    call: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grading, "grade", lambda *_: 1 / 0)
    ended = call("grade", "1", "--submission", "ada")
    assert 3 == ended.code
    assert "ZeroDivisionError" in ended.error
    assert "this is a fault of the grader, not of the submission" in ended.error


def test_full_disk_ends_with_3_and_keeps_the_old_file(
    checkout: Path, call: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    (checkout / "out.json").write_text("old")
    monkeypatch.setattr(results.os, "fsync", full)
    ended = call("grade", "1", "--submission", "ada", "--json", "out.json")
    assert 3 == ended.code
    assert "No space left on device. Nothing was half-written." in ended.error
    assert "old" == (checkout / "out.json").read_text()
    assert "100/100 points" in ended.out


def test_weeks_are_listed_and_fit_a_pipe(call: Callable[..., Ended]) -> None:
    ended = call("weeks")
    assert (0, "") == (ended.code, ended.error)
    assert ended.out.startswith("A course\n")
    assert ["1", "Basis", "linear", "layers", "compare"] == ended.out.splitlines()[-2].split()
    assert max(map(len, ended.out.splitlines())) <= 80


# ---- whose checks may run ----------------------------------------------------------------------


@pytest.fixture
def hostile(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A student's folder with a course of its own, whose checks do harm; we are in it."""
    folder = checkout.parent / "hostile"
    shutil.copytree(checkout, folder)
    submit(folder / "assignments" / "week_1", LINEAR)
    harm = f"open({str(folder / 'harm')!r}, 'w').close()\n"
    for path in ("solutions/week_1/checks/test_linear.py", "solutions/fixtures.py"):
        (folder / path).write_text(harm, encoding="utf-8")
    monkeypatch.chdir(folder)
    return folder


def test_checks_of_a_course_that_lies_in_a_submission_do_not_run(
    hostile: Path, call: Callable[..., Ended]
) -> None:
    for arguments in (["grade", "1"], ["grade-all", "1", "."], ["verify"], ["weeks"]):
        ended = call(*arguments)
        assert (2, "") == (ended.code, ended.out)
        assert f"{hostile}: this course is not trusted" in ended.error
        assert "`autograder trust`" in ended.error
    assert not (hostile / "harm").exists()


def test_course_that_is_named_grades_it(
    hostile: Path, checkout: Path, call: Callable[..., Ended]
) -> None:
    ended = call("--course", str(checkout), "grade", "1", "--submission", "assignments/week_1")
    assert (0, "") == (ended.code, ended.error)
    assert "100/100 points" in ended.out
    assert not (hostile / "harm").exists()


def test_course_that_was_trusted_runs(hostile: Path, call: Callable[..., Ended]) -> None:
    assert f"{hostile}: its checks may run from now on.\n" == call("trust").out
    assert 3 == call("grade", "1").code  # there is no check in it
    assert (hostile / "harm").exists()


def test_folder_without_a_course_is_not_trusted(call: Callable[..., Ended]) -> None:
    ended = call("trust", "solutions")
    assert 2 == ended.code
    assert "holds no course.toml" in ended.error


# ---- submissions that are broken ---------------------------------------------------------------

BROKEN = {
    "syntax": ("def f(:\n", "SyntaxError: "),
    "import": ("import torch\n", "No module named 'torch'"),
    "no class": ("x = 1\n", "has no attribute 'Linear'"),
    "signature": (
        LINEAR.replace("out_features: int,", "out_features: int, units: int,"),
        "TypeError: ",
    ),
    "not UTF-8": ("é", "not UTF-8 text (byte 0)"),
    "exits": ("import sys; sys.exit(0)\n", "SystemExit"),
    "ends": ("import os; os._exit(0)\n", "ended by itself, with status 0"),
}


def test_submission_without_the_weeks_files_ends_with_3_and_says_where_they_may_be(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    (checkout / "ada" / "linear.py").rename(checkout / "ada" / "Linear.py")
    ended = call("grade", "1", "--submission", "ada")
    assert 3 == ended.code
    assert "no file of week 1 found; looked for linear.py, exercise.ipynb" in ended.error
    assert "saw Linear.py" in ended.error


@pytest.mark.parametrize(("linear", "words"), BROKEN.values(), ids=BROKEN)
def test_broken_submission_is_graded_and_told_what_is_wrong(
    checkout: Path, call: Callable[..., Ended], linear: str, words: str
) -> None:
    encoding = "latin-1" if "é" == linear else "utf-8"
    (checkout / "ada" / "linear.py").write_text(linear, encoding=encoding)
    ended = call("grade", "1", "--submission", "ada")
    assert (0, "") == (ended.code, ended.error)
    assert words in flat(ended.out)
    assert "0/100 points" in ended.out


def test_additional_file_is_named(checkout: Path, call: Callable[..., Ended]) -> None:
    (checkout / "ada" / "helpers.py").touch()
    ended = call("grade", "1", "--submission", "ada")
    assert "not graded, and not there to import: helpers.py" in flat(ended.out)


# ---- what is printed and written ---------------------------------------------------------------


def test_record_has_what_programs_read(checkout: Path, call: Callable[..., Ended]) -> None:
    assert 0 == call("grade", "1", "--submission", "ada", "--json", "new/out.json").code
    record = json.loads((checkout / "new" / "out.json").read_text())
    assert "A course" == record["course"]
    assert POINTS == record["score"] == record["max_score"]
    for check in record["checks"]:
        assert {"id", "verdict", "points", "max_points", "hidden"} <= check.keys()
    assert {True, False} == {check["hidden"] for check in record["checks"]}


def test_hidden_checks_are_shown_to_instructors_alone(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "ada", LINEAR.replace("self.x = x", "self.x = x; print(x)"))
    for more, expected in (((), False), (("--instructor",), True)):
        arguments = ("--json", "out.json", "--html", "out.html", "--markdown", "out.md", *more)
        assert 0 == call("grade", "1", "--submission", "ada", *arguments).code
        record = json.loads((checkout / "out.json").read_text())
        printed = [check["output"] for check in record["checks"] if check["hidden"]]
        assert expected is any(printed)
        assert (checkout / "out.html").read_text().startswith("<!")
        assert (checkout / "out.md").read_text().startswith("# Week 1")


def test_public_checks_can_be_run_alone(checkout: Path, call: Callable[..., Ended]) -> None:
    ended = call("grade", "1", "--submission", "ada", "--public-only")
    assert "34.77/34.77 points" in ended.out


def test_workflow_gets_a_summary_and_obeys_no_submission(
    checkout: Path, call: Callable[..., Ended], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(checkout / "summary.md"))
    says = r"self.x = x; print('\n::error::obey me'); raise ValueError"
    submit(checkout / "ada", LINEAR.replace("self.x = x", says))
    lines = call("grade", "1", "--submission", "ada").out.splitlines()
    stop = next(line for line in lines if line.startswith("::stop-commands::"))
    resume = lines.index(f"::{stop.removeprefix('::stop-commands::')}::")
    told = [number for number, line in enumerate(lines) if "obey me" in line]
    assert told
    assert all(lines.index(stop) < number < resume for number in told)
    assert any(line.startswith("::error file=week_1/linear.py,") for line in lines[resume:])
    assert (checkout / "summary.md").read_text().startswith("# Week 1")


def test_class_is_graded_and_reported_on(checkout: Path, call: Callable[..., Ended]) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    submit(checkout / "class" / "bob", "import os; os._exit(0)\n")
    first = call("grade-all", "1", "class")
    assert 0 == first.code
    assert "ada" in first.out
    assert "2 submissions: 2 graded. Exit 0." == first.out.splitlines()[-1]
    results, reports = checkout / "results" / "week_1", checkout / "reports" / "week_1"
    assert {"ada.json", "bob.json", OURS} == {p.name for p in results.iterdir()}
    assert {"ada.html", "bob.html", OURS} == {p.name for p in (reports / "feedback").iterdir()}
    assert {"ada.html", "bob.html", "index.html", OURS} == {
        p.name for p in (reports / "private").iterdir()
    }
    written = (results / "ada.json").stat().st_mtime_ns
    assert 0 == call("grade-all", "1", "class").code
    assert written == (results / "ada.json").stat().st_mtime_ns


def test_what_is_the_instructors_is_readable_by_its_owner_alone(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR.replace("self.x = x", "self.x = x; print(x)"))
    assert 0 == call("grade-all", "1", "class").code
    reports, results = checkout / "reports" / "week_1", checkout / "results" / "week_1"
    assert 0o755 == reports.joinpath("feedback").stat().st_mode & 0o777
    assert 0o644 == reports.joinpath("feedback", "ada.html").stat().st_mode & 0o777
    for folder in (reports / "private", results):
        assert 0o700 == folder.stat().st_mode & 0o777
        assert {0o600} == {path.stat().st_mode & 0o777 for path in folder.iterdir()}
    record = json.loads((results / "ada.json").read_text())
    hidden = next(c["output"] for c in record["checks"] if c["hidden"] and c["output"])
    line = hidden.splitlines()[0]
    assert line in (reports / "private" / "ada.html").read_text()
    assert line not in (reports / "feedback" / "ada.html").read_text()


def test_caches_are_readable_by_their_owner_alone(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    shutil.rmtree(checkout / ".cache")
    assert 0 == call("grade", "1", "--submission", "ada").code
    assert 0o700 == (checkout / ".cache").stat().st_mode & 0o777
    assert {0o600} == {path.stat().st_mode & 0o777 for path in (checkout / ".cache").iterdir()}


def test_report_that_can_not_be_written_costs_no_other_report(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    for name in ("ada", "bob"):
        submit(checkout / "class" / name, LINEAR)
    reports = checkout / "reports" / "week_1"
    (reports / "feedback" / "ada.html").mkdir(parents=True)
    ended = call("grade-all", "1", "class")
    assert 3 == ended.code
    assert "ada.html is a folder" in ended.error
    assert "2 submissions: 2 graded, 1 without a report. Exit 3." == ended.out.splitlines()[-1]
    assert (reports / "feedback" / "bob.html").is_file()
    assert (reports / "private" / "index.html").is_file()


def test_two_runs_do_not_write_to_the_same_folder(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    (checkout / "results" / "week_1").mkdir(parents=True)
    with results.claimed(checkout / "results" / "week_1"):
        ended = call("grade-all", "1", "class")
    assert 2 == ended.code
    assert "another run writes to" in ended.error
    assert 0 == call("grade-all", "1", "class").code


def test_half_written_files_of_a_killed_run_are_removed(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    folders = [checkout / "results" / "week_1"]
    folders += [checkout / "reports" / "week_1" / name for name in ("feedback", "private")]
    for folder in folders:
        folder.mkdir(parents=True)
        (folder / ".ada.json.x7f_a2.partial").write_text("{")
    assert 0 == call("grade-all", "1", "class").code
    assert {OURS} == {path.name for folder in folders for path in folder.glob(".*")}


@pytest.mark.parametrize("option", ["--results", "--reports"])
@pytest.mark.parametrize("place", ["file", "file/below"])
def test_file_in_the_place_of_a_folder_is_wrong_usage(
    checkout: Path, call: Callable[..., Ended], option: str, place: str
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    (checkout / "file").write_text("mine")
    ended = call("grade-all", "1", "class", option, place)
    assert 2 == ended.code
    assert "can't be made, because a file is in its place" in flat(ended.error)
    assert f"choose a folder with {option}" in flat(ended.error)
    assert "mine" == (checkout / "file").read_text()


def test_results_of_another_week_are_not_overwritten(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    add_week_2(checkout)
    places = {"--results": "out", "--reports": "pages"}
    assert 0 == call("grade-all", "1", "class", *(w for pair in places.items() for w in pair)).code
    written = [path for name in places.values() for path in (checkout / name).rglob("*.*")]
    before = {path: path.read_bytes() for path in written if path.is_file()}
    for option, place in places.items():
        ended = call("grade-all", "2", "class", option, place)
        assert 2 == ended.code
        assert "holds the results of another week, which would be overwritten" in flat(ended.error)
        assert f"choose a folder for week 2 alone with {option}" in flat(ended.error)
        assert before == {path: path.read_bytes() for path in before}
    assert 0 == call("grade-all", "2", "class").code


def add_week_2(checkout: Path) -> None:
    """The same exercise once more."""
    settings = checkout / "course.toml"
    text = settings.read_text()
    start = text.index("[weeks.week_1]")
    settings.write_text(text + "\n" + text[start:].replace("week_1", "week_2"))
    shutil.copytree(checkout / "solutions" / "week_1", checkout / "solutions" / "week_2")


def test_page_of_somebody_who_is_not_in_the_class_stays_and_is_named(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    for name in ("ada", "bob"):
        submit(checkout / "class" / name, LINEAR)
    assert "earlier runs" not in call("grade-all", "1", "class").out
    shutil.rmtree(checkout / "class" / "bob")
    ended = call("grade-all", "1", "class")
    line = "feedback: 1 page of earlier runs, of nobody graded now: bob.html"
    assert line in flat(ended.out)
    reports = checkout / "reports" / "week_1"
    assert (reports / "feedback" / "bob.html").is_file()
    assert line in (reports / "private" / "index.html").read_text()


def test_results_in_the_folder_of_the_class_are_no_students(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    for places in (("class", "class"), ("class/out/week_1", "class/pages")):
        options = ("--results", places[0], "--reports", places[1])
        for _ in range(2):
            ended = call("grade-all", "1", "class", *options)
            assert "1 submission: 1 graded. Exit 0." == ended.out.splitlines()[-1]
    for name in ("feedback", "private", "out", "pages"):
        assert f"{name}: results of the grader's, which it wrote here earlier" in flat(ended.out)


def test_fault_that_concerns_everybody_says_what_was_kept(
    checkout: Path, call: Callable[..., Ended]
) -> None:
    submit(checkout / "class" / "ada", LINEAR)
    shutil.rmtree(checkout / "solutions" / "week_1" / "checks")
    ended = call("grade-all", "1", "class")
    assert 3 == ended.code
    assert "there are no checks for week 1" in ended.error
    assert "No submission was graded." in ended.error
    assert "To go on, run the same command again." in ended.error
