"""Small cases of BertEmbeddings, MaskedLMHead and Bert: repeated ids, segments, the tied table."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, probing

TOKENS, DEPTH, HEADS, WIDTH, LONGEST, SEGMENTS = 5, 4, 2, 3, 4, 2
EMBEDDINGS = {
    "token.weight": (TOKENS, DEPTH),
    "position.weight": (LONGEST, DEPTH),
    "segment.weight": (SEGMENTS, DEPTH),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
}
HEAD = {
    "dense.weight": (DEPTH, DEPTH),
    "dense.bias": (DEPTH,),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
    "bias": (TOKENS,),
}
LAYER = {
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


class Halves:
    """A generator of smaller numbers: the weights of the attention shall not be 0 and 1."""

    def __init__(self, rng):
        self.rng = rng

    def standard_normal(self, size):
        return self.rng.standard_normal(size) / 2


def case(layer, shape, words):
    def run(scene):
        probing.run(layer, shape, replace(scene, rng=Halves(scene.rng)))

    return Probe(layer.name, f"{layer.call}, {words}", run)


def of_ids(make, ids, segments=None):
    """For these ids, and these segments."""
    inputs = [np.array(ids)] + ([] if segments is None else [np.array(segments)])
    layer = make(draw=lambda *_: [array.copy() for array in inputs])
    words = f"ids {ids}" + ("" if segments is None else f", segments {segments}")
    return case(layer, inputs[0].shape, words)


def embeddings(draw=None, dropout=0.0, depth=DEPTH):
    args = (TOKENS, depth, LONGEST, SEGMENTS, dropout)
    shapes = {name: (*shape[:-1], depth) for name, shape in EMBEDDINGS.items()}
    return Layer("bert", "BertEmbeddings", args, {}, shapes, draw, oracle="bert")


def bert(layers=1, draw=None, **options):
    """A small Bert, and the shapes of its parameters."""
    parameters = {f"embeddings.{name}": shape for name, shape in EMBEDDINGS.items()}
    for i in range(layers):
        parameters |= {f"encoder.layers.{i}.{n}": s for n, s in LAYER.items()}
    parameters |= {"encoder.norm.weight": (DEPTH,), "encoder.norm.bias": (DEPTH,)}
    parameters |= {f"head.{name}": shape for name, shape in HEAD.items()}
    args = (TOKENS, DEPTH, HEADS, layers, WIDTH, 0.0)
    options = {"max_len": LONGEST, "num_segments": SEGMENTS} | options
    return Layer("bert", "Bert", args, options, parameters, draw, oracle="bert")


def evaluated(**options):
    """A Bert in evaluation."""
    return replace(PADDED(**options), training=False)


def features_and_table(rng, shape):
    return [rng.standard_normal(shape), rng.standard_normal((TOKENS, DEPTH))]


def of_head(*shape):
    args = (TOKENS, DEPTH)
    layer = Layer("bert", "MaskedLMHead", args, {}, HEAD, features_and_table, oracle="bert")
    return case(layer, shape, f"x of shape {shape}")


def refused(what, ids, segments=None):
    """Ids that are an error."""
    inputs = [np.array(ids)] + ([] if segments is None else [np.array(segments)])

    def run(scene):
        args = (TOKENS, DEPTH, LONGEST, SEGMENTS, 0.0)
        instance = scene.student.bert.BertEmbeddings(*args)
        scene.parity.refuses(what, partial(instance.forward, *inputs), "a ValueError")

    words = f"{what}: ids of shape {inputs[0].shape}"
    words += "" if segments is None else f", segments of shape {inputs[1].shape}"
    return Probe("BertEmbeddings", words, run)


def changed_table(ids, factor):
    """The table is another one at the second call."""
    ids = np.array(ids)
    layer = bert(draw=lambda *_: [ids.copy()])

    def run(scene):
        rng = Halves(scene.rng)
        contract = Contract(scene.student, scene.worker, rng, scene.oracle, scene.parity)
        parameters = contract.draw_parameters(layer)
        instance = contract.make(layer, parameters)
        instance.forward(ids)
        table = factor * parameters["embeddings.token.weight"]
        instance.embeddings.token.weight.data = table
        expected = contract.expect(layer, parameters | {"embeddings.token.weight": table}, [ids])
        scene.parity("output with a changed table", instance.forward(ids), expected.output)

    title = f"{layer.call}, ids {ids.tolist()}, then with its table times {factor}"
    return Probe(layer.name, title, run)


PADDED = partial(bert, pad_id=0)

PROBES = [
    of_ids(embeddings, [[1]]),
    of_ids(embeddings, [[1, 2]], [[0, 1]]),
    of_ids(embeddings, [[3, 1]]),
    of_ids(embeddings, [[1], [4]], [[1], [0]]),
    of_ids(embeddings, [[1, 1, 2], [4, 3, 1]], [[0, 0, 1], [1, 0, 1]]),
    of_ids(embeddings, [[2, 0, 2, 1]], [[1, 1, 0, 0]]),
    of_ids(partial(embeddings, depth=6), [[1, 2]], [[0, 1]]),
    of_ids(partial(embeddings, depth=6), [[3, 0], [2, 2]]),
    of_ids(partial(embeddings, dropout=1.0), [[1, 2]], [[0, 1]]),
    of_ids(partial(embeddings, dropout=1.0), [[3, 1]]),
    refused("too many tokens", [[1, 2, 3, 4, 1]]),
    refused("too many tokens", [[1, 2, 3, 4, 1, 2]]),
    refused("segments of another shape", [[1, 2], [3, 4]], [[0, 1]]),
    refused("segments of another shape", [[1, 2]], [[0]]),
    of_head(1, DEPTH),
    of_head(3, DEPTH),
    of_head(1, 2, DEPTH),
    of_head(2, 3, DEPTH),
    of_head(2, 1, 2, DEPTH),
    of_ids(bert, [[1]]),
    of_ids(bert, [[1, 2]], [[0, 1]]),
    of_ids(bert, [[3, 1], [1, 1]], [[0, 0], [1, 0]]),
    of_ids(partial(bert, 2, norm_first=True), [[4, 2, 1]], [[0, 1, 1]]),
    of_ids(bert, [[4, 2, 3], [0, 2, 2]]),
    of_ids(bert, [[0, 1]]),
    changed_table([[1, 2]], 2.0),
    changed_table([[3, 1], [0, 4]], 0.5),
    of_ids(PADDED, [[1, 0]]),
    of_ids(PADDED, [[1, 0, 2]]),
    of_ids(PADDED, [[0, 3, 0, 1], [2, 0, 4, 1]]),
    of_ids(PADDED, [[1, 2, 3], [4, 0, 0]], [[0, 0, 1], [1, 0, 0]]),
    of_ids(evaluated, [[1, 0]]),
    of_ids(evaluated, [[1, 2, 3], [4, 0, 0]], [[0, 0, 1], [1, 0, 0]]),
    of_ids(evaluated, [[0, 2]], [[0, 1]]),
    of_ids(evaluated, [[3, 2], [1, 4]], [[0, 1], [1, 1]]),
    of_ids(partial(bert, pad_id=2), [[1, 2]]),
    of_ids(partial(bert, pad_id=2), [[3, 0, 1], [4, 2, 2]], [[1, 0, 0], [0, 0, 1]]),
]
