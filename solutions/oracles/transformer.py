"""The output and the gradients of torch's attention layers, stacks of them, and Transformer."""

from __future__ import annotations

import importlib
import math
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Array = NDArray[Any]
layers: Any = importlib.import_module("layer")  # lies beside this file
FIRST: dict[str, Any] = {"batch_first": True}
STACKS = {
    "TransformerEncoder": (nn.TransformerEncoder, nn.TransformerEncoderLayer),
    "TransformerDecoder": (nn.TransformerDecoder, nn.TransformerDecoderLayer),
}


def transformer(
    name: str,
    args: Sequence[Any],
    options: Mapping[str, Any],
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    grad_out: Array | None = None,
    *,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
    masks: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Run torch.nn.<name>, batch first, forward, and backward from `grad_out`.

    Args:
        name: a class of torch.nn; for a stack, args and options are those of its layers, with
            `num_layers` and `norm` (whether there is one) besides; "Transformer" is ours below.
        masks: by torch's names; boolean ones are True where nothing must be seen. Beside masks,
            other options of forward.
        The rest is as for the oracle `layer`.
    Returns:
        "output", of MultiheadAttention also "weights"; with `grad_out` also "grad_input" (of the
        first input), "grad_input_1" (of the second) and so on, and "grad_<parameter>".
    """
    torch.set_num_threads(1)
    instance = make(name, args, dict(options)).double().train(training)
    state = {key: torch.from_numpy(value.astype(np.float64)) for key, value in parameters.items()}
    instance.load_state_dict(state)
    tensors = [layers.tensor(value) for value in inputs]
    output = instance(*tensors, **{key: to_add(value) for key, value in (masks or {}).items()})
    result = {}
    if isinstance(output, tuple):
        output, weights = output
        if weights is not None:
            result["weights"] = weights.detach().numpy()
    result["output"] = output.detach().numpy()
    if grad_out is not None:
        output.backward(torch.from_numpy(np.asarray(grad_out, dtype=np.float64)))
        result |= layers.gradients(tensors, dict(instance.named_parameters()))
    if picked is not None:
        return {key: result[key].reshape(-1)[places] for key, places in picked.items()}
    return result


def make(name: str, args: Sequence[Any], options: dict[str, Any]) -> nn.Module:
    if name == "Transformer":
        return Transformer(*args, **options)
    if name not in STACKS:
        made: nn.Module = getattr(nn, name)(*args, **options | FIRST)
        return made
    stack, layer = STACKS[name]
    number, norm = options.pop("num_layers"), options.pop("norm", False)
    one: Any = layer(*args, **options | FIRST)
    with warnings.catch_warnings(action="ignore"):
        whole: nn.Module = stack(one, number, nn.LayerNorm(args[0]) if norm else None)
    return whole


class Transformer(nn.Module):
    """torch.nn.Transformer between embeddings, sines and cosines, and a linear layer."""

    def __init__(
        self,
        src_size: int,
        tgt_size: int,
        d_model: int,
        nhead: int,
        *layers: Any,
        norm_first: bool = False,
        pad_id: int | None = None,
    ) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.src_embedding = nn.Embedding(src_size, d_model, pad_id)
        self.tgt_embedding = nn.Embedding(tgt_size, d_model, pad_id)
        with warnings.catch_warnings(action="ignore"):  # torch says that it has no quicker way
            core = nn.Transformer(d_model, nhead, *layers, **FIRST | {"norm_first": norm_first})
        self.encoder, self.decoder = core.encoder, core.decoder
        self.projection = nn.Linear(d_model, tgt_size)

    def forward(self, src: torch.Tensor, tgt: torch.Tensor) -> torch.Tensor:
        pads = [None if self.pad_id is None else (ids == self.pad_id) for ids in (src, tgt)]
        memory = self.encoder(positioned(self.src_embedding(src)), src_key_padding_mask=pads[0])
        ahead = torch.ones(tgt.shape[1], tgt.shape[1]).triu(1).bool()
        output = self.decoder(
            positioned(self.tgt_embedding(tgt)),
            memory,
            tgt_mask=ahead,
            tgt_key_padding_mask=pads[1],
            memory_key_padding_mask=pads[0],
        )
        logits: torch.Tensor = self.projection(output)
        return logits


def positioned(x: torch.Tensor) -> torch.Tensor:
    """Plus sin(t / 10000^(2i / D)) in column 2i, and the cosine in column 2i + 1; D is even."""
    length, depth = x.shape[1:]
    pairs = torch.arange(0, depth, 2, dtype=torch.float64)
    angles = torch.arange(length)[:, None] * torch.exp(-math.log(10000) * pairs / depth)
    return x + torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(length, depth)


def to_add(value: Any) -> Any:
    """A mask in float64, to be added; whatever is no array stays."""
    if not isinstance(value, np.ndarray):
        return value
    return torch.from_numpy(
        np.where(value, -np.inf, 0.0) if value.dtype == bool else value.astype(float)
    )
