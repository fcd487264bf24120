"""Which names are so much alike that one may be written for the other."""

from __future__ import annotations

# Both ways: each is another answer of the same kind.
PAIRS = (
    *(("max", "min"), ("maximum", "minimum"), ("argmax", "argmin"), ("any", "all")),
    *(("sum", "mean"), ("var", "std"), ("zeros", "ones"), ("zeros_like", "ones_like")),
    *(("log", "log1p"), ("exp", "expm1"), ("sin", "cos"), ("floor", "ceil"), ("tril", "triu")),
    *(("isneginf", "isposinf"), ("lower", "upper")),
)
OTHER = dict(PAIRS) | {right: left for left, right in PAIRS}
OTHER |= {"uniform": "normal", "standard_normal": "random", "reversed": "list"}
BUILT_IN = frozenset({"max", "min", "any", "all", "reversed"})  # also functions without a module


def similar(name: str, other: str) -> bool:
    """Whether two attributes are a pair: weight_ih and weight_hh, beta1 and beta2."""
    words, others = name.split("_"), other.split("_")
    if name == other:
        return False
    if len(words) == len(others) > 1:
        return sum(a != b for a, b in zip(words, others, strict=True)) == 1
    return name.rstrip("0123456789") == other.rstrip("0123456789")
