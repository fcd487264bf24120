"""Ada's BERT: positions by slicing their table, the head as a Sequential, products by einsum and tensordot."""

import numpy as np
from given.activations import GELU
from given.module import Module, Parameter, Sequential
from given.shapes import require_shape
from week_1.linear import Linear
from week_3.embedding import Embedding
from week_3.positional_encoding import PositionalEncoding
from week_5.normalization import LayerNorm
from week_7.encoder import TransformerEncoder, TransformerEncoderLayer, make_dropout

SCALE = 0.1


def glorot(rng, *modules):
    for module in modules:
        for parameter in module.parameters():
            if parameter.data.ndim == 2:
                bound = np.sqrt(6 / sum(parameter.data.shape))
                parameter.data = rng.uniform(-bound, bound, parameter.data.shape)


class BertEmbeddings(Module):
    def __init__(self, vocab_size, d_model, max_len=512, num_segments=2, dropout=0.1, rng=None):
        rng = rng or np.random.default_rng()
        self.token = Embedding(vocab_size, d_model, rng=rng)
        self.segment = Embedding(num_segments, d_model, rng=rng)
        self.position = Embedding(max_len, d_model, rng=rng)
        self.token.weight.data *= SCALE
        self.segment.weight.data *= SCALE
        self.position.weight = Parameter(3 * SCALE * PositionalEncoding(d_model, max_len).pe)
        self.norm = LayerNorm(d_model)
        self.dropout = make_dropout(dropout, rng)

    def forward(self, ids, segment_ids=None):
        require_shape("ids", ids, ("N", "T"))
        length = ids.shape[1]
        if length == 0 or length > self.position.weight.data.shape[0]:
            raise ValueError(f"{length} tokens: none, or more than there are positions")
        if segment_ids is None:
            segment_ids = np.zeros(ids.shape, int)
        require_shape("segment_ids", segment_ids, ids.shape)
        parts = [self.token.forward(ids), self.segment.forward(segment_ids)]
        total = sum(parts, self.position.weight.data[:length])  # broadcasts over the examples
        return self.dropout.forward(self.norm.forward(total))

    def backward(self, grad_out):
        grad = self.norm.backward(self.dropout.backward(grad_out))
        self.token.backward(grad)
        self.segment.backward(grad)
        self.position.weight.grad[: grad.shape[1]] += np.einsum("ntd->td", grad)


class MaskedLMHead(Module):
    def __init__(self, vocab_size, d_model, rng=None):
        self.dense = Linear(d_model, d_model, rng=rng)
        self.activation = GELU()
        self.norm = LayerNorm(d_model)
        self.bias = Parameter(np.zeros(vocab_size))

    def transform(self):
        return Sequential(self.dense, self.activation, self.norm)

    def forward(self, x, table):
        require_shape("table", table, (*self.bias.data.shape, "D"))
        self.h, self.table = self.transform().forward(x), table
        return np.einsum("...d,vd->...v", self.h, table) + self.bias.data

    def backward(self, grad_out):
        require_shape("grad_out", grad_out, (*self.h.shape[:-1], len(self.table)))
        self.bias.grad += grad_out.reshape(-1, len(self.table)).sum(axis=0)
        axes = list(range(grad_out.ndim - 1))
        grad_table = np.tensordot(grad_out, self.h, (axes, axes))
        return self.transform().backward(grad_out @ self.table), grad_table


class Bert(Module):
    def __init__(
        self,
        vocab_size,
        d_model=768,
        nhead=12,
        num_layers=12,
        dim_feedforward=3072,
        dropout=0.1,
        norm_first=False,
        max_len=512,
        num_segments=2,
        pad_id=None,
        rng=None,
    ):
        rng = rng or np.random.default_rng()
        self.pad_id = pad_id
        self.embeddings = BertEmbeddings(vocab_size, d_model, max_len, num_segments, dropout, rng)
        options = {"activation": "gelu", "norm_first": norm_first, "rng": rng}
        layer = TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, **options)
        self.encoder = TransformerEncoder(layer, num_layers, LayerNorm(d_model))
        self.head = MaskedLMHead(vocab_size, d_model, rng)
        glorot(rng, self.encoder, self.head)

    @property
    def table(self):
        return self.embeddings.token.weight

    def forward(self, ids, segment_ids=None):
        x = self.embeddings.forward(ids, segment_ids)
        options = {} if self.pad_id is None else {"src_key_padding_mask": ids == self.pad_id}
        return self.head.forward(self.encoder.forward(x, **options), self.table.data)

    def backward(self, grad_out):
        grad, grad_table = self.head.backward(grad_out)
        grad = self.encoder.backward(grad)
        self.embeddings.backward(grad)
        self.table.grad = self.table.grad + grad_table
