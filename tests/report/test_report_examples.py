"""The smallest case that goes wrong: in every report, once, and harmless."""

from __future__ import annotations

import ast
import io
from html import unescape

from report_samples import check, record
from rich.console import Console

from autograder.report import html, markdown, terminal
from autograder.report.plan import ABOVE, details
from autograder.results import CheckResult, Example, Record, Verdict

EXAMPLE = Example("Linear(1, 1)", "output", "[[3.]]", "[[2.]]", "import numpy as np\nprint(1)\n")
EVIL = "<script>alert(1)</script>\x1b[31m```"


def failed(title: str, example: Example | None = EXAMPLE, **fields: object) -> CheckResult:
    return check(title, verdict=Verdict.FAILED, example=example, **fields)


def in_terminal(shown: Record) -> str:
    file = io.StringIO()
    terminal.render(shown, Console(file=file, width=80))
    return file.getvalue()


def test_every_report_shows_the_case_and_the_lines_to_paste() -> None:
    shown = record(failed("Linear: output"))
    for report in (in_terminal(shown), html.render(shown), unescape(markdown.render(shown))):
        for words in ("Linear(1, 1)", "[[3.]]", "[[2.]]", "import numpy as np", "print(1)"):
            assert words in report


def test_it_lies_behind_the_hint() -> None:
    page = html.render(record(failed("Linear: output", hint="Add the bias.")))
    assert page.index("Add the bias.") < page.index("Linear(1, 1)") < page.rindex("</details>")


def test_it_is_told_once() -> None:
    other = Example("Linear(2, 1)", "output", "1", "2", "")
    checks = [failed("Linear: one"), failed("Linear: two"), failed("Linear: three", other)]
    found = details(checks)
    assert [one.example for one in found] == [EXAMPLE, None, other]
    assert [one.above for one in found] == ["", "Linear(1, 1)", ""]
    page = html.render(record(*checks))
    assert page.count("import numpy as np") == 1
    assert ABOVE in page


def test_without_one_nothing_is_said() -> None:
    shown = record(failed("Linear: output", None))
    for report in (in_terminal(shown), html.render(shown), markdown.render(shown)):
        assert "mallest case" not in report


def test_a_program_with_many_numbers_is_for_the_page() -> None:
    program = f"import numpy as np\nlayer.load_state_dict({[float(n) for n in range(400)]})\n"
    shown = record(failed("Linear: output", Example("a", "b", "1", "2", program)))
    assert "399.0" not in in_terminal(shown)
    assert "on the report's page" in in_terminal(shown)
    assert "399.0" in html.render(shown)


def test_what_a_submission_may_have_put_there_is_harmless() -> None:
    shown = record(failed("Linear: output", Example(EVIL, EVIL, EVIL, EVIL, EVIL)))
    assert "<script>" not in html.render(shown)
    assert "\x1b" not in in_terminal(shown)
    assert "````" in markdown.render(shown)  # a fence that it can't close


def test_long_lines_can_be_pasted_from_a_terminal() -> None:
    long = f"layer.load_state_dict({{'weight': np.array({[[float(n) for n in range(40)]]})}})"
    program = f"import numpy as np\n{long}\nprint(layer.weight.data[::2])\n"
    shown = in_terminal(record(failed("Linear: output", Example("a", "b", "1", "2", program))))
    pasted = shown[
        shown.index("import numpy") : shown.index("[::2]" if "[::2]" in shown else "[: :2]")
    ]
    assert ast.dump(ast.parse(pasted + "[::2])")) == ast.dump(ast.parse(program))
