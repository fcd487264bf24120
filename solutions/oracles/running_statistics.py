"""The running statistics of a batch norm after several batches."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

Array = NDArray[Any]


def running_statistics(
    name: str, args: Sequence[Any], options: Mapping[str, Any], batches: Sequence[Array]
) -> dict[str, Array]:
    """Run `torch.nn.<name>(*args, **options)` forward in training, batch after batch.

    Returns:
        "mean" and "var", (C,) each, as the last batch leaves them.
    """
    torch.set_num_threads(1)
    instance = getattr(torch.nn, name)(*args, **options).double()
    for batch in batches:
        instance(torch.from_numpy(batch.astype(np.float64)))
    return {"mean": instance.running_mean.numpy(), "var": instance.running_var.numpy()}
