"""Attention rollout of a Vision Transformer in torch."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray

Array = NDArray[Any]
# lies beside this file
VisionTransformer: Any = importlib.import_module("vision_transformer").VisionTransformer


def rollout(
    args: Sequence[Any], options: Mapping[str, Any], parameters: Mapping[str, Array], images: Array
) -> dict[str, Array]:
    """How much of each token of the input is in each of the output, by attention alone.

    Args:
        args, options, parameters: of the Vision Transformer.
        images: shape (N, C, H, W).
    Returns:
        "rollout", shape (N, 1 + T, 1 + T).
    Source: Abnar and Zuidema, "Quantifying Attention Flow in Transformers" (2020).
    """
    torch.set_num_threads(1)
    model = VisionTransformer(*args, **options).double()
    model.load_state_dict({k: torch.from_numpy(v).double() for k, v in parameters.items()})
    with torch.no_grad():
        x = model.embedding(torch.from_numpy(images).double())
        unit = torch.eye(x.shape[1], dtype=torch.float64)
        together = unit.expand(len(x), -1, -1)
        for layer in model.encoder.layers:
            y = layer.norm1(x)
            together = (layer.self_attn(y, y, y)[1] + unit) / 2 @ together
            x = layer(x)
    return {"rollout": together.numpy()}
