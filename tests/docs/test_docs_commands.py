"""Commands, options, files and links that the documentation names exist."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from autograder.cli import program as autograder
from release import cli as release

PROGRAMS = {"autograder": autograder.app, "release": release.app}
ROOT = Path(__file__).parents[2]
HANDOUTS = ROOT / "solutions"
DOCUMENTS = [
    *ROOT.glob("*.md"),
    *(ROOT / "docs").glob("*.md"),
    *HANDOUTS.glob("week_*/README.md"),
    ROOT / "examples" / "README.md",
    ROOT / "assignments" / "README.md",
]
TARGET = re.compile(r"^([a-z][a-z-]*):", re.MULTILINE)
MAKE = re.compile(r"\bmake ([a-z][a-z-]*)(?=[ `\n])")
PROGRAM = re.compile(r"(?:\.venv/bin/|`)(autograder|release) ([a-z][a-z-]+)([^\n`|]*)")
LINK = re.compile(r"\]\((?!https?:)([^)#]+)")


def names(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def help_of(program: str, command: str) -> str:
    """What a command says of itself; an unknown one is an error."""
    asked = CliRunner().invoke(PROGRAMS[program], [command, "--help"], env={"COLUMNS": "200"})
    assert asked.exit_code == 0, f"{program} {command}: {asked.output}"
    return asked.output


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_make_targets_exist(document: Path) -> None:
    targets = set(TARGET.findall((ROOT / "Makefile").read_text(encoding="utf-8")))
    assert set() == set(MAKE.findall(code(document))) - targets


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_programs_have_these_commands_and_options(document: Path) -> None:
    for program, command, rest in PROGRAM.findall(code(document)):
        known = help_of(program, command)
        assert [] == [o for o in re.findall(r"--[a-z-]+", rest) if o not in known]


@pytest.mark.parametrize("document", DOCUMENTS, ids=names)
def test_links_lead_somewhere(document: Path) -> None:
    targets = LINK.findall(document.read_text(encoding="utf-8"))
    assert [] == [target for target in targets if not (document.parent / target).exists()]


def code(document: Path) -> str:
    """Blocks and spans of code: prose may say `make` of anything."""
    text = document.read_text(encoding="utf-8")
    blocks = re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
    spans = re.findall(r"`[^`\n]+`", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    return "\n".join([*blocks, *spans])


@pytest.mark.parametrize("program", PROGRAMS)
def test_commands_are_listed_as_they_are_needed(program: str) -> None:
    needed = [*PROGRAMS[program].commands]
    assert needed != sorted(needed)
    asked = CliRunner().invoke(PROGRAMS[program], ["--help"]).output
    listed = re.findall(r"^  ([a-z][a-z-]+)  ", asked.partition("Commands:")[2], re.MULTILINE)
    assert listed == needed
