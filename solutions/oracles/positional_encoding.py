"""The table of sines and cosines of "Attention Is All You Need", which torch doesn't have."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def positional_encoding(d_model: int, length: int) -> dict[str, Array]:
    """The first rows of the table, entry by entry from the formula of section 3.5.

    Returns:
        "pe", shape (length, d_model): sin(t / 10000^(2i / d_model)) in column 2i, and the
        cosine of the same angle in column 2i + 1.
    """
    columns = torch.arange(d_model)
    pairs = torch.div(columns, 2, rounding_mode="floor").double()
    positions = torch.arange(length).double()
    angles = positions[:, None] / torch.pow(10000.0, 2 * pairs / d_model)[None, :]
    table = torch.where(columns % 2 == 0, torch.sin(angles), torch.cos(angles))
    return {"pe": table.numpy()}
