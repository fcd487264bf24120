"""What a check is about, by its name."""

from __future__ import annotations

from itertools import accumulate


def is_named_for(check: str, name: str) -> bool:
    """Whether a check is one of this class or function: test_bce_loss_backward is of BCELoss.

    Neither underscores nor capitals of the name count, so there is no question how to split it.
    """
    words = check.removeprefix("test_").split("_")
    return name.replace("_", "").lower() in accumulate(words)
