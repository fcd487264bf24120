"""The output and the gradients of BERT in torch: embeddings, masked-language-model head, loss."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import cross_entropy, gelu, linear

Array = NDArray[Any]
layers: Any = importlib.import_module("layer")  # lies beside this file


def bert(
    name: str,
    args: Sequence[Any],
    options: Mapping[str, Any],
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    grad_out: Array | float | None = None,
    target: Array | None = None,
    *,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
) -> dict[str, Array]:
    """Run a class of this file forward, and backward from `grad_out`, as the oracle `layer` does.

    Args:
        name: BertEmbeddings, MaskedLMHead, Bert, or MaskedCrossEntropyLoss, which has a target.
    """
    made: nn.Module = globals()[name](*args, **options)
    result: dict[str, Array] = layers.run(
        made, parameters, inputs, grad_out, target, training, picked
    )
    return result


class BertEmbeddings(nn.Module):
    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        max_len: int = 512,
        num_segments: int = 2,
        dropout: float = 0.1,
    ) -> None:
        super().__init__()
        self.token = nn.Embedding(vocab_size, d_model)
        self.position = nn.Embedding(max_len, d_model)
        self.segment = nn.Embedding(num_segments, d_model)
        self.norm, self.dropout = nn.LayerNorm(d_model), nn.Dropout(dropout)

    def forward(self, ids: torch.Tensor, segments: torch.Tensor | None = None) -> torch.Tensor:
        segments = torch.zeros_like(ids) if segments is None else segments
        positions = torch.arange(ids.shape[1])
        x = self.token(ids) + self.position(positions) + self.segment(segments)
        result: torch.Tensor = self.dropout(self.norm(x))
        return result


class MaskedLMHead(nn.Module):
    def __init__(self, vocab_size: int, d_model: int) -> None:
        super().__init__()
        self.dense, self.norm = nn.Linear(d_model, d_model), nn.LayerNorm(d_model)
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    def forward(self, x: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
        return linear(self.norm(gelu(self.dense(x))), table, self.bias)


class Bert(nn.Module):
    def __init__(
        self,
        vocab_size: int,
        d_model: int,
        nhead: int,
        num_layers: int,
        dim_feedforward: int,
        dropout: float = 0.1,
        norm_first: bool = False,
        max_len: int = 512,
        num_segments: int = 2,
        pad_id: int | None = None,
    ) -> None:
        super().__init__()
        self.pad_id = pad_id
        self.embeddings = BertEmbeddings(vocab_size, d_model, max_len, num_segments, dropout)
        options: dict[str, Any] = {"activation": "gelu", "batch_first": True}
        layer = nn.TransformerEncoderLayer(
            d_model, nhead, dim_feedforward, dropout, norm_first=norm_first, **options
        )
        with warnings.catch_warnings(action="ignore"):  # torch says that it has no quicker way
            self.encoder = nn.TransformerEncoder(layer, num_layers, nn.LayerNorm(d_model))
        self.head = MaskedLMHead(vocab_size, d_model)

    def forward(self, ids: torch.Tensor, segments: torch.Tensor | None = None) -> torch.Tensor:
        padding = None if self.pad_id is None else ids == self.pad_id
        x = self.encoder(self.embeddings(ids, segments), src_key_padding_mask=padding)
        logits: torch.Tensor = self.head(x, self.embeddings.token.weight)
        return logits


class MaskedCrossEntropyLoss(nn.Module):
    def forward(self, input: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        rows = input.reshape(-1, input.shape[-1])
        return cross_entropy(rows, target.reshape(-1), ignore_index=-100)
