"""A small BERT that torch trained on rows of a text: weights to put into a submission's."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from numpy.typing import NDArray

Array = NDArray[Any]
# What lies beside this file.
made: Any = importlib.import_module("bert")
positioned: Any = importlib.import_module("transformer").positioned
BATCH, STEPS, WARM_UP, RATE, CHOSEN = 48, 900, 50, 4e-3, 0.15


def trained_bert(rows: Array, vocab_size: int, depth: int, heads: int) -> dict[str, Array]:
    """Train a pre-norm BERT of one layer to guess tokens that it doesn't see.

    Args:
        rows: ids, shape (N, T), in none of which is token 0: it is the mask.
        vocab_size: V, with the mask.
        depth, heads: D, and the number of heads; the network is 2 D wide.
    Returns:
        The parameters by their names in week 10's Bert, float64.
    """
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        torch.manual_seed(10)
        args = (vocab_size, depth, heads, 1, 2 * depth, 0.0)
        model = made.Bert(*args, norm_first=True, max_len=rows.shape[1])
        begin(model, depth)
        optimizer = torch.optim.Adam(model.parameters(), RATE)
        text = torch.from_numpy(rows)
        for step in range(1, STEPS + 1):
            labels = text[torch.randint(len(text), (BATCH,))]
            hidden = torch.rand(labels.shape) < CHOSEN
            logits = model(labels.masked_fill(hidden, 0))
            loss: Any = torch.nn.functional.cross_entropy(logits[hidden], labels[hidden])
            optimizer.zero_grad()
            loss.backward()
            optimizer.param_groups[0]["lr"] = RATE * min(
                1.0, step / WARM_UP, 2 * (STEPS - step + 1) / STEPS
            )
            optimizer.step()
    return {name: value.double().numpy() for name, value in model.state_dict().items()}


def begin(model: Any, depth: int) -> None:
    """Small tables; positions that begin as sines and cosines, so that neighbours are found."""
    tables = model.embeddings
    with torch.no_grad():
        tables.token.weight.mul_(0.1)
        tables.segment.weight.mul_(0.1)
        zeros = torch.zeros(1, len(tables.position.weight), depth)
        tables.position.weight.copy_(0.3 * positioned(zeros)[0])
