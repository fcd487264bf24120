"""The HTML report: complete, self-contained, and inert whatever it is given."""

from __future__ import annotations

import math
import re
from html.parser import HTMLParser

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from report_samples import (
    check,
    filled,
    half_done,
    one_mistake_everywhere,
    png,
    record,
    small_class,
    two_mistakes,
    waiting_class,
    wrong_values,
)

from autograder.report import html
from autograder.report.redaction import for_student
from autograder.results import Comparison, Curves, Figure, Heatmap, Record, Todo, Verdict

VOID = {"meta", "img", "br", "rect", "path", "circle"}
BLOCKS = {
    "main",
    "header",
    "nav",
    "section",
    "footer",
    "h1",
    "h2",
    "h4",
    "p",
    "pre",
    "div",
    "figure",
}
LISTS = {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td", "details", "summary"}
WORDS = {"figure", "a", "b", "bdi", "code", "span", "figcaption", "svg", "g", "text"}
ELEMENTS = VOID | BLOCKS | LISTS | WORDS | {"html", "head", "title", "style", "body"}
ATTACKS = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</title></style><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "--><svg onload=alert(1)>]]>",
    "javascript:alert(1)",
    "&lt;b&gt; &amp;amp;",
]


class Page(HTMLParser):
    """Elements, attributes and text of a page; fails if the elements aren't nested properly."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.text = ""
        self.feed(source)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()
        self.text += " " if tag in ("td", "th", "b") else ""

    def handle_data(self, data: str) -> None:
        if "style" not in self.open:
            self.text += data

    def having(self, tag: str) -> list[dict[str, str]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def words(self) -> str:
        return " ".join(self.text.split())


def assert_inert(page: Page) -> None:
    for tag, attributes in page.elements:
        assert tag in ELEMENTS
        assert not [name for name in attributes if name.startswith("on")]
        assert attributes.get("src", "data:image/png;base64,").startswith("data:image/png;base64,")
        assert re.fullmatch(r"#[\w-]+|[a-z0-9][a-z0-9_-]*\.html", attributes.get("href", "#a"))
        assert re.fullmatch(r"width: [\d.]+%", attributes.get("style", "width: 1%"))


def test_the_policy_forbids_scripts_and_requests() -> None:
    policy = Page(html.render(half_done())).having("meta")[1]["content"]
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in policy


def test_nothing_is_loaded_from_elsewhere() -> None:
    for source in (html.render(half_done()), html.render_class(small_class())):
        assert not re.search(r"https?:|//|@import|url\(", source.replace("<!doctype html>", ""))


def test_head_shows_score_next_step_and_contents() -> None:
    page = Page(html.render(half_done()))
    assert "Week 1 · Basis ada 14 of 38 points 36 % Next Fix" in page.words()
    links = [link["href"] for link in page.having("a")]
    assert links == ["#module-1", "#module-2", "#module-3", "#todo", "#notes", "#output"]
    targets = {attributes.get("id", "") for _, attributes in page.elements}
    assert {link[1:] for link in links} <= targets


@pytest.mark.parametrize(
    ("name", "shown"),
    [("", "Week 1 · Basis"), ("<b>Deep</b>\x1b", r"<b>Deep</b>\x1b · Week 1 · Basis")],
)
def test_the_head_of_both_pages_names_the_course_and_the_week(name: str, shown: str) -> None:
    one = record(course=name)
    for page in (html.render(for_student(one)), html.render_class([one])):
        assert shown in Page(page).words()
        assert bool(name) is (" · Week 1" in Page(page).words())


def test_failed_checks_are_open_and_others_closed() -> None:
    checks = {d["class"]: "open" in d for d in Page(html.render(half_done())).having("details")}
    closed = dict.fromkeys(["check good", "check todo"], False)
    groups = dict.fromkeys(["check group good", "check group todo"], False)
    assert closed | groups | {"check bad": True, "more box": False} == checks


def test_checks_that_wait_are_one_row_for_each_check_they_wait_for() -> None:
    found = Page(html.render(waiting_class())).words()
    assert "skipped 2 checks wait for “Linear: output”, 1 hidden 0/4" in found
    assert "skipped Net 0/2" in found  # alone: the check itself


def test_a_hint_is_told_once_and_repeated_mistakes_are_together() -> None:
    found = Page(html.render(for_student(one_mistake_everywhere()))).words()
    assert "and 3 checks, 2 hidden: the same mistake 0/6" in found


def test_a_diagnosis_is_shown_where_there_is_no_hint() -> None:
    one = wrong_values(diagnosis="The sign is flipped.")
    guessed = html.render(record(check(verdict=Verdict.FAILED, comparisons=[one])))
    known = html.render(record(check(verdict=Verdict.FAILED, comparisons=[one], hint="Look.")))
    assert "Diagnosis The sign is flipped." in Page(guessed).words()
    assert "Diagnosis" not in Page(known).words()


@pytest.mark.parametrize("verdict", Verdict)
def test_each_verdict_is_a_word(verdict: Verdict) -> None:
    page = Page(html.render(record(check("Odd one", verdict=verdict))))
    word = {Verdict.MEMORY: "out of memory"}.get(verdict, verdict.replace("_", " "))
    assert f"{word} Odd one" in page.words()


def test_a_comparison_shows_shapes_dtypes_values_and_where() -> None:
    one = check(verdict=Verdict.FAILED, comparisons=[wrong_values(got_dtype="float32")])
    words = Page(html.render(record(one))).words()
    assert "shape (5, 4) (5, 4)" in words
    assert "dtype float64 float32 ≠" in words
    assert "value [0, 3] 0.5 1.75 ≠" in words
    assert "Largest error 1.25 at [0, 3]; allowed 1e-10." in words


def test_hint_traceback_and_output_are_shown() -> None:
    one = check(
        verdict=Verdict.ERROR,
        message="Because.",
        hint="Divide by N.",
        mistake="not-averaged",
        traceback=["week_1/linear.py:31 in forward: return x"],
        output="debugging",
    )
    words = Page(html.render(record(one))).words()
    for expected in ("Because.", "Hint Divide by N.", "known as not-averaged", "Printed debugging"):
        assert expected in words
    assert "week_1/linear.py:31 in forward: return x" in words


@pytest.mark.parametrize(
    ("hint", "shown"),
    [
        ("a factor: `y<b>`, twice", "<p>a factor: <code>y&lt;b&gt;</code>, twice</p>"),
        ("one ` alone <b>", "<p>one ` alone &lt;b&gt;</p>"),
        ("nothing", "<p>nothing</p>"),
    ],
)
def test_code_in_a_hint_looks_like_code(hint: str, shown: str) -> None:
    page = html.render(record(check(verdict=Verdict.FAILED, hint=hint)))
    assert shown in page


def test_pictures_have_titles_and_legends() -> None:
    pictures = [
        Heatmap("Attention", [[0.0, math.nan], [1.0, 0.5]], "none", "all"),
        Curves("Loss", {"yours": [2.0, 1.0], "reference": [2.0, 0.5]}),
        Figure("Plot", png()),
    ]
    page = Page(html.render(record(check(verdict=Verdict.FAILED, pictures=pictures))))
    assert "Attention: 2 by 2, from none to all" in page.text
    assert "not a number" in page.text
    assert "Loss: loss by epoch" in page.text
    assert "yours last 1 " in page.words()
    assert "reference last 0.5" in page.words()
    assert page.having("img")[0]["alt"] == "Plot"


def test_lines_are_told_apart_by_dashes_too() -> None:
    style = (html.TEMPLATES / "style.css").read_text()
    dashes = re.findall(r"\.line[1-5] \{[^}]*stroke-dasharray: ([\d ]+);", style)
    assert len(set(dashes)) == 5


def test_pictures_without_values() -> None:
    pictures = [
        Heatmap("a", []),
        Heatmap("b", [[]]),
        Curves("c", {}),
        Curves("d", {"x": [math.nan]}),
    ]
    words = Page(html.render(record(check(verdict=Verdict.FAILED, pictures=pictures)))).words()
    assert words.count("There is nothing to draw.") == 2
    assert words.count("There is no number to draw.") == 2


def test_numbers_that_are_none() -> None:
    one = wrong_values(max_error=math.inf, got_value=math.nan, expected_value=-math.inf)
    words = Page(html.render(record(check(verdict=Verdict.FAILED, comparisons=[one])))).words()
    assert "value [0, 3] -inf nan" in words
    assert "Largest error inf" in words


def test_a_missing_array_has_no_table() -> None:
    one = Comparison(
        "y", False, "missing", "y: expected an array of shape (5,), got nothing (None)"
    )
    page = Page(html.render(record(check(verdict=Verdict.FAILED, comparisons=[one]))))
    assert "y expected an array of shape (5,), got nothing (None)" in page.words()
    assert page.having("table") == []


def test_hidden_checks_have_a_lock_and_the_neutral_sentence() -> None:
    words = Page(html.render(for_student(half_done()))).words()
    assert "Linear: a batch of one hidden 0/2 Your code returned a wrong value." in words
    assert "Hint Sum over the batch axis" in words


def test_the_instructors_report_differs_in_the_headline_only() -> None:
    student, instructor = (html.render(half_done(), instructor=flag) for flag in (False, True))
    added = set(instructor.splitlines()) - set(student.splitlines())
    assert len(added) == 1
    assert "Instructor's report:</b> shows hidden checks, don't hand out" in added.pop()


@pytest.mark.parametrize("verdict", [Verdict.GRADER_ERROR, Verdict.NOT_RUN])
def test_our_fault_is_not_a_zero(verdict: Verdict) -> None:
    words = Page(html.render(record(check(verdict=verdict)))).words()
    assert "fault of the grader: tell your instructor. It isn't a zero." in words


def test_no_checks_at_all() -> None:
    assert "this week has no checks" in Page(html.render(record())).words()


def test_todos_notes_and_output() -> None:
    todo = Todo("week_1/linear.py", 31, "Linear.forward", "the affine map")
    one = record(check(), todos=[todo], notes=["A file was left out."], output="hello")
    words = Page(html.render(one)).words()
    assert "week_1/linear.py:31 Linear.forward the affine map" in words
    assert "A file was left out." in words
    assert "Printed outside of the checks hello" in words


@pytest.mark.parametrize("attack", ATTACKS)
def test_markup_in_any_field_is_text(attack: str) -> None:
    hostile: Record = filled(Record, attack, math.nan)
    page = Page(html.render(hostile))
    assert_inert(page)
    assert page.text.count(attack) >= 15
    listing = Page(html.render_class([hostile, hostile]))
    assert_inert(listing)
    assert attack in listing.text


@settings(max_examples=30, deadline=None)
@given(st.text(max_size=60), st.floats())
@example("-", 0.0)
def test_any_record_makes_a_page(words: str, number: float) -> None:
    hostile: Record = filled(Record, words, number)
    for source in (html.render(hostile), html.render_class([hostile])):
        assert_inert(Page(source))
        source.encode()


@pytest.mark.parametrize("attack", ["\x1b[31m", "\u202egnp.exe", "\ud800", "\x00", "a\x08b"])
def test_control_characters_become_visible(attack: str) -> None:
    source = html.render(filled(Record, attack, 1.0))
    assert not set("\x1b\u202e\ud800\x00\x08") & set(source)
    assert ascii(attack)[1:-1] in source


def test_very_long_strings_are_shortened() -> None:
    hostile: Record = filled(Record, "x" * 1_000_000, 1.0)
    source = re.sub(r"data:image/png;base64,\w*", "", html.render(hostile))
    assert len(source) < 200_000


def test_templates_never_switch_escaping_off() -> None:
    for template in html.TEMPLATES.glob("*.*"):
        assert not re.search(r"\|\s*safe|autoescape|<script", template.read_text()), template.name


def test_class_page_lists_students_misconceptions_and_checks() -> None:
    page = Page(html.render_class(small_class()))
    assert "5 submissions, median score 36 %, 1 incomplete." in page.words()
    hrefs = [link["href"] for link in page.having("a")]
    assert hrefs == ["grace.html", "ada.html", "barbara.html", "linus.html", "kay.html"]
    assert "2 students linear-bias-axis Sum over the batch axis" in page.words()
    assert "Linear: gradient of x hidden linear 1 of 2" in page.words()
    assert "kay ? incomplete" in page.words()


def test_an_empty_class() -> None:
    assert "0 submissions" in Page(html.render_class([])).words()


def test_class_page_says_who_could_not_be_graded_why_and_what_was_skipped() -> None:
    gone = record(student="zoe", notes=["it went away"])
    nothing = record(student="bob", notes=["no file of week 1 found"], found=False)
    gone.complete = nothing.complete = False
    page = Page(html.render_class([*small_class(), gone, nothing], ["link: a link", "<b>: hidden"]))
    assert "7 submissions, median score 36 %, 2 incomplete, 1 with nothing found." in page.words()
    assert "zoe ? incomplete it went away" in page.words()
    assert "bob ? nothing found no file of week 1 found" in page.words()
    assert "link: a link <b>: hidden" in page.words()


def test_page_of_a_submission_with_nothing_in_it_says_so() -> None:
    nothing = record(student="bob", notes=["no file of week 1 found"], found=False)
    nothing.complete = False
    said = Page(html.render(nothing)).words()
    assert "Nothing found" in said
    assert "no file of week 1 found" in said
    assert "fault of the grader" not in said


@pytest.mark.parametrize("name", ["javascript:alert(1)", "../x", "a b", ""])
def test_class_page_links_to_pages_of_ours_alone(name: str) -> None:
    assert [] == Page(html.render_class([record(id=name)])).having("a")


def test_pictures_of_what_passed_are_open() -> None:
    curves = Curves("Loss while training", {"this submission": [1.0, 0.5]})
    shown = Page(html.render(record(check(pictures=[curves]), check("Other")))).having("details")
    assert ["open" in d for d in shown] == [True, True, False]


def test_wrong_check_links_to_its_section_of_the_handout() -> None:
    links = {"Linear": "../../assignments/week_1/README.md#linear"}
    wrong, right = check(verdict=Verdict.FAILED), check("ReLU: output")
    page = html.render(record(wrong, right), handout=links)
    assert 1 == page.count('<a href="../../assignments/week_1/README.md#linear">')


def test_mistakes_of_a_single_student_are_folded_in_a_large_class() -> None:
    def failed(student: str, mistake: str) -> Record:
        wrong = check(verdict=Verdict.FAILED, mistake=mistake, hint=f"About {mistake}.")
        return record(wrong, student=student)

    few = [failed("s0", "rare"), *(failed(f"s{n}", "common") for n in range(1, 3))]
    many = [*few, *(record(check(), student=f"s{n}") for n in range(3, 12))]
    assert "that only one student made" not in html.render_class(few)
    page = html.render_class(many)
    assert page.index("About common.") < page.index("that only one student made")
    assert page.index("that only one student made") < page.index("About rare.")


def test_what_else_is_wrong_is_told_once_and_not_where_it_is_the_hint() -> None:
    found = Page(html.render(for_student(two_mistakes()))).words()
    assert "Hints Divide by N.known as averagedAlso: Add the bias. known as bias" in found
    assert 1 == found.count("Add the bias.")
    assert 1 == found.count("Keep the sign.")
    table = Page(html.render_class([for_student(two_mistakes())])).words()
    assert "1 student bias" in table
