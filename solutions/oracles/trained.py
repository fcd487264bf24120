"""A Transformer that torch trained on a task of sequences: weights to put into a submission's."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from numpy.typing import NDArray

Array = NDArray[Any]
Transformer: Any = importlib.import_module("transformer").Transformer  # lies beside this file
BATCH, STEPS, WARM_UP, RATE = 64, 400, 50, 3e-3


def trained(task: str, tokens: int, length: int, depth: int, heads: int) -> dict[str, Array]:
    """Train a pre-norm Transformer of one layer each on random sequences.

    Args:
        task: "sort", or "reverse".
        tokens: V, the size of both vocabularies; token 0 begins a target, the others are in it.
        length: of source and target alike.
        depth, heads: D, and the number of heads; the network is 2 D wide.
    Returns:
        The parameters by their names in week 7's Transformer.
    """
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        torch.manual_seed(7)
        args = (tokens, tokens, depth, heads, 1, 1, 2 * depth, 0.0)
        model = Transformer(*args, norm_first=True).double()
        optimizer = torch.optim.Adam(model.parameters(), RATE)
        for step in range(1, STEPS + 1):
            source = torch.randint(1, tokens, (BATCH, length))
            target = source.sort(dim=1).values if task == "sort" else source.flip(1)
            begun = torch.cat([torch.zeros(BATCH, 1, dtype=torch.long), target[:, :-1]], dim=1)
            logits = model(source, begun)
            loss: Any = torch.nn.functional.cross_entropy(logits.flatten(0, 1), target.flatten())
            optimizer.zero_grad()
            loss.backward()
            optimizer.param_groups[0]["lr"] = RATE * min(
                1.0, step / WARM_UP, 2 * (STEPS - step + 1) / STEPS
            )
            optimizer.step()
    return {name: value.numpy().copy() for name, value in model.state_dict().items()}
