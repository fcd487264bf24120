"""BertEmbeddings, MaskedLMHead, Bert: outputs, gradients of all parameters, the tied table."""

import numpy as np

from autograder.layers import Layer

TOKENS, DEPTH, HEADS, WIDTH, LONGEST, SEGMENTS = 9, 8, 2, 12, 7, 3
PAD = 3  # not the first
EMBEDDINGS_PARAMETERS = {
    "token.weight": (TOKENS, DEPTH),
    "position.weight": (LONGEST, DEPTH),
    "segment.weight": (SEGMENTS, DEPTH),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
}
HEAD_PARAMETERS = {
    "dense.weight": (DEPTH, DEPTH),
    "dense.bias": (DEPTH,),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
    "bias": (TOKENS,),
}
LAYER_PARAMETERS = {
    "self_attn.in_proj_weight": (3 * DEPTH, DEPTH),
    "self_attn.in_proj_bias": (3 * DEPTH,),
    "self_attn.out_proj.weight": (DEPTH, DEPTH),
    "self_attn.out_proj.bias": (DEPTH,),
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
    **{f"norm{i}.{name}": (DEPTH,) for i in (1, 2) for name in ("weight", "bias")},
}


def tokens_and_segments(rng, shape):
    """Ids of so many examples and tokens, in which some come twice, and their segments."""
    return [rng.integers(1, TOKENS, shape), rng.integers(SEGMENTS, size=shape)]


def tokens(rng, shape):
    return rng.integers(1, TOKENS, shape)


def padded(rng, shape):
    """Ids and segments, with padding at the end of all examples but the first."""
    ids, segments = tokens_and_segments(rng, shape)
    ids[ids == PAD] = 0
    ends = rng.integers(1, shape[1], shape[0])
    ends[0] = shape[1]
    ids[np.arange(shape[1]) >= ends[:, np.newaxis]] = PAD
    return [ids, segments]


def features_and_table(rng, shape):
    """Features of this shape, and the vectors of the tokens."""
    return [rng.standard_normal(shape), rng.standard_normal((TOKENS, DEPTH))]


def embeddings(draw=tokens_and_segments, dropout=0.0):
    args = (TOKENS, DEPTH, LONGEST, SEGMENTS, dropout)
    return Layer("bert", "BertEmbeddings", args, {}, EMBEDDINGS_PARAMETERS, draw, oracle="bert")


def bert(layers=1, draw=tokens_and_segments, dropout=0.0, **options):
    """A small Bert, and the shapes of its parameters."""
    parameters = {f"embeddings.{name}": shape for name, shape in EMBEDDINGS_PARAMETERS.items()}
    for i in range(layers):
        parameters |= {f"encoder.layers.{i}.{n}": s for n, s in LAYER_PARAMETERS.items()}
    parameters |= {"encoder.norm.weight": (DEPTH,), "encoder.norm.bias": (DEPTH,)}
    parameters |= {f"head.{name}": shape for name, shape in HEAD_PARAMETERS.items()}
    args = (TOKENS, DEPTH, HEADS, layers, WIDTH, dropout)
    options = {"max_len": LONGEST, "num_segments": SEGMENTS} | options
    return Layer("bert", "Bert", args, options, parameters, draw, oracle="bert")


EMBEDDINGS = embeddings()
HEAD = Layer(
    "bert", "MaskedLMHead", (TOKENS, DEPTH), {}, HEAD_PARAMETERS, features_and_table, oracle="bert"
)
BERT = bert()

test_bert_embeddings_forward = EMBEDDINGS.forward((4, 5), weight=3)
test_bert_embeddings_parameter_grads = EMBEDDINGS.parameter_grads(
    (4, 5), title="gradients of all three tables and of the norm, added up", weight=4
)
test_masked_lm_head_forward = HEAD.forward((3, 5, DEPTH), title="logits", weight=3)
test_masked_lm_head_backward = HEAD.backward(
    (3, 5, DEPTH), title="gradients of the features and of the table", weight=4
)
test_bert_forward = BERT.forward((4, 5), title="logits", weight=4)
test_bert_parameter_grads = BERT.parameter_grads(
    (4, 5), title="gradients of all parameters, those of the table from both ends", weight=5
)
