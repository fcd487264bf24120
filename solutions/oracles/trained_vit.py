"""A Vision Transformer that torch trained on images: weights to put into a submission's."""

from __future__ import annotations

import importlib
from typing import Any

import torch
from numpy.typing import NDArray

Array = NDArray[Any]
# lies beside this file
VisionTransformer: Any = importlib.import_module("vision_transformer").VisionTransformer
BATCH, EPOCHS, WARM_UP, RATE = 32, 15, 50, 2e-3


def trained_vit(
    images: Array, labels: Array, patch: int, layers: int, heads: int, depth: int
) -> dict[str, Array]:
    """Train a Vision Transformer on square images.

    Args:
        images: shape (N, C, S, S).
        labels: whole numbers, shape (N,).
        patch, layers, heads, depth: as for week 8's VisionTransformer; the network is 2 D wide.
    Returns:
        The parameters by their names in week 8's VisionTransformer.
    """
    torch.set_num_threads(1)
    with torch.random.fork_rng():
        torch.manual_seed(8)
        args = (images.shape[-1], patch, layers, heads, depth, 2 * depth)
        model = VisionTransformer(
            *args, num_classes=int(labels.max()) + 1, in_channels=images.shape[1]
        )
        x, y = torch.from_numpy(images).float(), torch.from_numpy(labels)
        optimizer = torch.optim.Adam(model.parameters(), RATE)
        steps, step = EPOCHS * -(-len(x) // BATCH), 0
        for _ in range(EPOCHS):
            for batch in torch.split(torch.randperm(len(x)), BATCH):
                step += 1
                optimizer.zero_grad()
                loss = torch.nn.functional.cross_entropy(model(x[batch]), y[batch])
                torch.autograd.backward(loss)
                optimizer.param_groups[0]["lr"] = RATE * min(
                    1.0, step / WARM_UP, 2 * (steps - step + 1) / steps
                )
                optimizer.step()
    return {name: value.double().numpy() for name, value in model.state_dict().items()}
