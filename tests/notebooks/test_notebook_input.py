"""Notebooks that are no notebooks, or old, or damaged: each gets a message or a verdict."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
from notebooks.notebook_samples import COURSE, PLAIN, graded, hand_in, small, source, verdicts

from autograder.grading import grade
from autograder.options import Options
from autograder.submission import notebook_file
from autograder.submission.finding import find
from autograder.submission.intake import Refused
from autograder.submission.notebook_file import parse


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"print('hello')", "not JSON"),
        (b"", "not JSON"),
        (b"[]", "is not a notebook"),
        (b"null", "is not a notebook"),
        (b"{}", "doesn't say its format"),
        (b'{"nbformat": 4}', "has no cells"),
        (b'{"nbformat": 3, "worksheets": [{"cells": []}]}', "format 3.*JupyterLab"),
        (b'{"nbformat": 5, "cells": []}', "format 5"),
        (b'{"nbformat": 4, "cells": [{"source": "x"}]}', "cell_type"),
        (b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": 7}]}', "source"),
        (b'{"nbformat": 4, "cells": 7}', "cells"),
        (b'{"nbformat": 4, "cells": [' + b"[" * 100_000, "is not a notebook"),
        (b'{"x": ' + b'{"x": ' * 100_000, "not JSON"),
        (b"\xff\xfe{}", "not JSON"),
        (json.dumps(small(*["1"] * 501)).encode(), "500 cells"),
        (json.dumps(small("#" * 1_100_000)).encode(), "1 million characters"),
    ],
)
def test_what_is_no_notebook_is_refused_with_a_reason(data: bytes, message: str) -> None:
    with pytest.raises(Refused, match=message):
        parse(data)


def test_cells_need_neither_metadata_nor_ids_nor_outputs() -> None:
    cells = parse(b'{"nbformat": 4, "cells": [{"cell_type": "code", "source": ["a = 1\\n", "b"]}]}')

    assert [("code", "a = 1\nb", "")] == [(c.cell_type, c.text, c.grade_id) for c in cells]


@pytest.mark.parametrize("metadata", [7, [], {"nbgrader": 7}, {"nbgrader": {"grade_id": 7}}, {}])
def test_metadata_of_any_kind_is_no_grade_id(metadata: object) -> None:
    cell = {"cell_type": "markdown", "source": "", "metadata": metadata}

    assert parse(json.dumps({"nbformat": 4, "cells": [cell]}).encode())[0].grade_id == ""


def test_an_unknown_kernel_and_a_byte_order_mark_change_nothing() -> None:
    own = source(1)
    other = source(1) | {"metadata": {"kernelspec": {"name": "klingon", "language": "?"}}}

    expected = notebook_file.digest_of(parse(json.dumps(own).encode()))
    marked = b"\xef\xbb\xbf" + json.dumps(other).encode()
    assert expected == notebook_file.digest_of(parse(marked))


def test_outputs_of_a_hundred_megabytes_are_skipped() -> None:
    large = small("a = 1")
    large["cells"][0]["outputs"] = ["*"]
    data = json.dumps(large).encode().replace(b'"*"', b'"' + b"x" * (100 << 20) + b'"')

    assert ["a = 1"] == [cell.text for cell in parse(data)]


def test_a_file_that_is_larger_still_is_refused_before_it_is_read(tmp_path: Path) -> None:
    with (tmp_path / "exercise.ipynb").open("wb") as file:
        file.truncate(notebook_file.MAX_BYTES + 1)

    with pytest.raises(Refused, match="larger than 128 MB"):
        notebook_file.load(find(tmp_path, COURSE.week(1)))


def test_a_pipe_and_a_link_are_refused(tmp_path: Path) -> None:
    for name, make in (("pipe", os.mkfifo), ("link", lambda path: path.symlink_to("/etc/passwd"))):
        folder = tmp_path / name
        folder.mkdir()
        make(folder / "exercise.ipynb")

        with pytest.raises(Refused, match="regular file"):
            notebook_file.load(find(folder, COURSE.week(1)))


def test_without_a_notebook_its_checks_are_not_attempted(tmp_path: Path) -> None:
    record = graded(hand_in(tmp_path, None), PLAIN)

    assert {"not_attempted"} == set(verdicts(record).values())
    assert {"no exercise.ipynb was handed in"} == {check.message for check in record.checks}


def test_a_refused_notebook_costs_its_own_points_and_no_others(tmp_path: Path) -> None:
    submission = hand_in(tmp_path, b"not JSON at all")
    options = replace(PLAIN, notebook=True, accuracy=False)

    record = grade(COURSE, COURSE.week(1), submission, options)

    own = [check for check in record.checks if check.module == "exercise"]
    assert {"error"} == {str(check.verdict) for check in own}
    assert all("exercise.ipynb is not a notebook: not JSON" in check.message for check in own)
    assert {"passed"} == {str(c.verdict) for c in record.checks if c.module != "exercise"}
    assert record.notebook


def test_the_digest_of_a_submission_holds_the_notebook_only_where_it_is_graded(
    tmp_path: Path,
) -> None:
    from autograder.submission.digests import submission_digest
    from autograder.submission.intake import Intake

    submission = hand_in(tmp_path, small("a = 1"))
    intake = Intake(tmp_path, find(submission, COURSE.week(1)))
    with_notebook = Options(notebook=True)
    before = [submission_digest(intake, options) for options in (PLAIN, with_notebook)]
    (submission / "exercise.ipynb").write_text(json.dumps(small("a = 2")))
    after = [submission_digest(intake, options) for options in (PLAIN, with_notebook)]

    assert before[0] == after[0]
    assert before[1] != after[1]
