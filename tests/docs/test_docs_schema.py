"""docs/results.schema.json is the schema of the record as it is now."""

from __future__ import annotations

from pathlib import Path

import msgspec

from autograder.results import Record

SCHEMA = Path(__file__).parents[2] / "docs" / "results.schema.json"


def test_the_schema_is_current():
    schema = msgspec.json.format(msgspec.json.encode(msgspec.json.schema(Record)), indent=2) + b"\n"
    assert schema == SCHEMA.read_bytes(), "write msgspec.json.schema(Record) to it again"
