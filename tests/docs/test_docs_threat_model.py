"""Every test and case that the threat model names exists."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GRADER = ROOT / "tests" / "grader"
TEXT = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")


def test_every_claim_names_a_test_that_exists():
    named = set(re.findall(r"`(test_\w+)", TEXT))
    files = (ROOT / "tests").glob("*/test_*.py")
    defined = "".join(file.read_text(encoding="utf-8") for file in files)
    assert named
    assert set() == {name for name in named if f"def {name}(" not in defined}


def test_every_case_is_in_the_corpus():
    named = set(re.findall(r"\[([a-z0-9-]+)\]`", TEXT))
    corpus = "".join(file.read_text(encoding="utf-8") for file in GRADER.glob("corpus_*.py"))
    assert len(named) >= 25
    assert set() == {name for name in named if f'"{name}"' not in corpus}
