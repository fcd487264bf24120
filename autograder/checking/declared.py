"""Checks that are declared in a line, beside those that are typed as functions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import Parameter, Signature, signature
from typing import Any

import pytest

Check = Callable[..., None]


def check(
    title: str,
    function: Callable[..., None],
    /,
    *args: Any,
    weight: int = 1,
    needs: str | Sequence[str] = (),
    **options: Any,
) -> Check:
    """A check that calls `function` with its fixtures and these arguments.

    The parameters before the `/` are fixtures, those behind it are what is declared:

        def follows(student, oracle, parity, /, name, **options): ...

        test_sgd_momentum = check("SGD: with momentum", follows, "SGD", momentum=0.9, weight=3)

    Raises:
        TypeError: the function has no fixtures, or doesn't take these arguments.
    """
    takes = signature(function)
    kinds = {name: parameter.kind for name, parameter in takes.parameters.items()}
    fixtures = [name for name, kind in kinds.items() if kind is Parameter.POSITIONAL_ONLY]
    if not fixtures:
        raise TypeError(f"{function.__name__} has no fixtures: put a `/` behind them")
    takes.bind(*fixtures, *args, **options)

    def declared(**given: Any) -> None:
        function(*(given[name] for name in fixtures), *args, **options)

    declared.__doc__ = title
    asked = [Parameter(name, Parameter.KEYWORD_ONLY) for name in fixtures]
    declared.__signature__ = Signature(asked)  # type: ignore[attr-defined]  # pytest reads it
    return pytest.mark.check(weight=weight, needs=needs)(declared)  # type: ignore[no-any-return]
