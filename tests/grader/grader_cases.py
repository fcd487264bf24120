"""The whole corpus."""

from __future__ import annotations

import corpus_endings
import corpus_escapes
import corpus_files
import corpus_forgeries
import corpus_resources
from grader_corpus import BASELINES

CASES = (
    *BASELINES,
    *corpus_endings.CASES,
    *corpus_escapes.CASES,
    *corpus_files.CASES,
    *corpus_forgeries.CASES,
    *corpus_resources.CASES,
)
