"""Small cases of Transformer: padding in source and target, greedy decoding, the causal mask."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe

NAME, SOURCES, TARGETS, DEPTH, HEADS, WIDTH = "Transformer", 5, 4, 4, 2, 3
ATTENTION = {
    "in_proj_weight": (3 * DEPTH, DEPTH),
    "in_proj_bias": (3 * DEPTH,),
    "out_proj.weight": (DEPTH, DEPTH),
    "out_proj.bias": (DEPTH,),
}
NETWORK = {
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
}
ENDS = ("src_embedding.weight", "tgt_embedding.weight", "projection.weight", "projection.bias")
WEIGHTS = ("weight", "bias")
NORMS = ("encoder.norm.weight", "decoder.norm.weight")


def shapes(encoder_layers, decoder_layers):
    """The shapes of all parameters, by name."""
    found = dict(zip(ENDS, ((SOURCES, DEPTH), (TARGETS, DEPTH)), strict=False))
    found |= {"projection.weight": (TARGETS, DEPTH), "projection.bias": (TARGETS,)}
    found |= {f"{part}.norm.{p}": (DEPTH,) for part in ("encoder", "decoder") for p in WEIGHTS}
    for part, number, attentions, norms in (
        ("encoder", encoder_layers, ("self_attn",), 2),
        ("decoder", decoder_layers, ("self_attn", "multihead_attn"), 3),
    ):
        for i in range(number):
            layer = {f"{one}.{n}": s for one in attentions for n, s in ATTENTION.items()} | NETWORK
            layer |= {f"norm{k}.{p}": (DEPTH,) for k in range(1, norms + 1) for p in WEIGHTS}
            found |= {f"{part}.layers.{i}.{n}": s for n, s in layer.items()}
    return found


def transformer(encoder_layers=1, decoder_layers=1, **options):
    args = (SOURCES, TARGETS, DEPTH, HEADS, encoder_layers, decoder_layers, WIDTH, 0.0)
    parameters = shapes(encoder_layers, decoder_layers)
    return Layer("transformer", NAME, args, options, parameters, oracle="transformer")


def drawn(layer, rng):
    """Parameters: small ones, but for the tables and the norms."""
    return {
        name: rng.standard_normal(shape) / (1 if "embedding" in name or "norm" in name else 4)
        for name, shape in layer.parameters.items()
    }


def step(layer, src, tgt):
    """Logits, and gradients at all ends, after two backwards too."""
    inputs = [np.array(src), np.array(tgt)]

    def run(scene):
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        parameters = drawn(layer, scene.rng)
        grad_out = contract.upstream(layer, parameters, inputs)
        expected = vars(contract.expect(layer, parameters, inputs, grad_out))
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(*inputs), expected["output"])
        for when, times in (("", 1), (" after a second backward", 2)):
            instance.backward(grad_out)
            for name in (*ENDS, *NORMS):
                wanted = times * expected[f"grad_{name}"]
                scene.parity(f"gradient of {name}{when}", instance.read(f"{name}.grad"), wanted)

    return Probe(NAME, f"{words(layer)}, src {src}, tgt {tgt}", run)


def evaluated(layer, src, tgt):
    """Logits in evaluation mode: without dropout they are those of training."""
    layer, inputs = replace(layer, training=False), [np.array(src), np.array(tgt)]

    def run(scene):
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        parameters = drawn(layer, scene.rng)
        expected = vars(contract.expect(layer, parameters, inputs))
        instance = contract.make(layer, parameters)
        scene.parity("output", instance.forward(*inputs), expected["output"])

    return Probe(NAME, f"{words(layer)}, src {src}, tgt {tgt}, in evaluation", run)


def words(layer):
    numbers = f"{layer.args[4]} and {layer.args[5]} layers"
    return ", ".join([f"{NAME} of {numbers}", *(f"{n}={v}" for n, v in layer.options.items())])


def generated(layer, src, wanted, bos, eos=None):
    """Greedy decoding."""

    def run(scene):
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        instance = contract.make(layer, drawn(layer, scene.rng))
        got = instance.generate(np.array(src), len(wanted[0]), bos, eos)
        scene.parity("generated tokens", got, np.array(wanted))

    ending = "" if eos is None else f" until {eos}"
    return Probe(NAME, f"{words(layer)}, generate for src {src} from {bos}{ending}", run)


def mask(length):
    def run(scene):
        wanted = np.arange(length) > np.arange(length)[:, np.newaxis]
        scene.parity("mask", scene.student.transformer.causal_mask(length), wanted)

    return Probe(NAME, f"causal_mask({length})", run)


ONE, PADDED = transformer(), partial(transformer, pad_id=0)

PROBES = [
    mask(2),
    mask(3),
    step(ONE, [[1]], [[2]]),
    step(ONE, [[1, 3]], [[2]]),
    step(ONE, [[4]], [[1, 3]]),
    step(ONE, [[1, 2, 4], [3, 3, 1]], [[2, 1], [3, 2]]),
    step(transformer(2, 1), [[4, 2]], [[1, 3, 2]]),
    step(transformer(1, 2, norm_first=True), [[1, 2, 4]], [[3, 1]]),
    step(ONE, [[1, 0]], [[0, 2]]),
    step(PADDED(), [[1, 0]], [[2]]),
    step(PADDED(), [[3]], [[0, 2, 1]]),
    step(PADDED(), [[1, 2, 4], [3, 0, 0]], [[2, 1], [3, 0]]),
    step(transformer(pad_id=2), [[1, 2]], [[3]]),
    step(transformer(pad_id=2), [[3, 0, 1], [4, 2, 2]], [[1, 3], [0, 2]]),
    step(PADDED(2, 2), [[0, 2], [3, 1]], [[2, 1, 3], [0, 1, 2]]),
    evaluated(PADDED(), [[1, 0]], [[2]]),
    evaluated(PADDED(), [[1, 2, 4], [3, 0, 0]], [[2, 1], [3, 0]]),
    evaluated(PADDED(), [[0, 2]], [[1, 0]]),
    generated(ONE, [[2, 3, 2], [4, 4, 4]], [[0, 0, 1], [1, 1, 3]], 1),
    generated(PADDED(), [[3, 4], [4, 2]], [[1, 1, 1], [3, 1, 2]], 1),
    generated(ONE, [[4, 4], [1, 4], [3, 1]], [[0, 1, 0, 1], [2, 2, 2, 2], [1, 1, 1, 2]], 1, 2),
    generated(ONE, [[3, 2], [1, 1], [4, 3]], [[2, 1, 2, 1], [3, 3, 3, 3], [3, 3, 3, 3]], 1, 3),
    generated(ONE, [[3, 1], [2, 3], [4, 2]], [[0, 0, 0, 0], [3, 1, 1, 1], [0, 0, 0, 0]], 1, 1),
    generated(ONE, [[4, 3], [1, 4]], [[1, 1, 1, 1], [1, 0, 0, 0]], 1, 0),
    generated(PADDED(), [[4, 2], [1, 4]], [[0, 0, 0, 0], [0, 0, 0, 0]], 1, 0),
    generated(ONE, [[4, 2]], [[0, 0, 0]], 1, 1),
    generated(ONE, [[3, 2]], [[3, 3, 3]], 1, 3),
    generated(ONE, [[2, 3]], [[1, 1, 1]], 1, 1),
]
