"""Small cases of Embedding: one row, then ids that repeat, padding, and ids that are none."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, run_probe, single


def table(rows, length, **options):
    """Embedding(rows, length), with the shape of its table."""
    return Layer("embedding", "Embedding", (rows, length), options, {"weight": (rows, length)})


def lookup(layer, ids):
    """All that it gives for these ids."""
    array = np.array(ids, np.int64)
    layer = replace(layer, draw=lambda _rng, _shape: array)
    return Probe("Embedding", f"{layer.call}, ids = {ids}", partial(run_probe, layer, array.shape))


def narrow(length, ids):
    """A probe of ids of a dtype that can't count the entries of the table."""
    title = f"Embedding(5, {length}), ids = {ids} as uint8"
    return Probe("Embedding", title, partial(of_uint8, length, ids))


def of_uint8(length, ids, scene):
    contract, layer = contract_of(scene), table(5, length)
    weight = scene.rng.standard_normal((5, length))
    grad_out = scene.rng.standard_normal((*np.shape(ids), length))
    expected = contract.expect(layer, {"weight": weight}, [np.array(ids)], grad_out)
    instance = contract.make(layer, {"weight": weight})
    scene.parity("output", instance.forward(np.array(ids, np.uint8)), expected.output)
    instance.backward(grad_out)
    scene.parity("gradient of weight", instance.read("weight.grad"), expected.grad_weight)


def contract_of(scene):
    return Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)


def starts(layer):
    """A probe of the padding's row before any training."""
    title = f"{layer.call}, as it is made"
    return Probe("Embedding", title, partial(initial_padding, layer))


def initial_padding(layer, scene):
    made = scene.parity.array(
        "initial table", contract_of(scene).make(layer).read("weight.data"), layer.args
    )
    row = layer.options["padding_idx"] % layer.args[0]
    kind = "different numbers" if np.ptp(made[row]) else "zeros" if made[row, 0] == 0 else "ones"
    scene.parity.equal("row of the padding", kind, "zeros")
    zeros = [place for place in np.argwhere(made == 0).tolist() if place[0] != row]
    scene.parity.equal("zeros in other rows", zeros, [])


def initial(rows, length):
    """A probe of the table as it is drawn."""
    title = f"Embedding({rows}, {length}), as it is made, with seeds 7, 7, 8 and none"
    return Probe("Embedding", title, partial(drawn, (rows, length)))


def drawn(shape, scene):
    make, alike, holds = scene.student.embedding.Embedding, np.array_equal, scene.parity.holds
    made = [make(*shape, rng=scene.worker.generator(seed)) for seed in (7, 7, 8)]
    made += [make(*shape) for _ in range(2)]
    tables = [scene.parity.array("weight", one.read("weight.data"), shape) for one in made]
    holds("equal seeds", alike(*tables[:2]), "equally seeded tables differ")
    holds("other seeds", not alike(*tables[1:3]), "every seed gives the same table")
    holds("without rng", not alike(*tables[3:]), "without an rng, every table is the same")
    if scene.parity.evidence:  # then what is drawn is another each time
        return
    mean, spread = tables[0].mean(), tables[0].std()
    holds("mean", abs(mean) < 0.2, f"the mean is {mean + 0.0:.1f}, expected 0.0")
    message = f"the standard deviation is {spread:.1f}, expected 1.0"
    holds("standard deviation", abs(spread - 1) < 0.15, message)


def float32(ids, length):
    """A probe of dtypes alone: right or wrong, float32 stays float32."""
    title = f"Embedding(3, {length}), float32, ids = {ids}"
    return Probe("Embedding", title, partial(dtypes, ids, length))


def dtypes(ids, length, scene):
    instance = scene.student.embedding.Embedding(3, length)
    weight = scene.rng.standard_normal((3, length)).astype(np.float32)
    instance.load_state_dict({"weight": weight})
    output = instance.forward(np.array(ids))
    single(scene.parity, "dtype of the output", output)


def returns(ids):
    title = f"Embedding(2, 1), ids = {ids}: what backward returns"
    return Probe("Embedding", title, partial(returned, ids))


def returned(ids, scene):
    instance = scene.student.embedding.Embedding(2, 1)
    instance.forward(np.array(ids))
    got = instance.backward(np.ones((*np.shape(ids), 1)))
    scene.parity.equal("what backward returns", scene.parity.describe(got), "nothing (None)")


def second(first, ids):
    """A probe of the gradient after a forward with other ids before it."""
    title = f"Embedding(4, 2), first ids = {first}, then ids = {ids}"
    return Probe("Embedding", title, partial(second_call, first, ids))


def second_call(first, ids, scene):
    contract, layer = contract_of(scene), table(4, 2)
    weight = scene.rng.standard_normal((4, 2))
    grad_out = scene.rng.standard_normal((*np.shape(ids), 2))
    expected = contract.expect(layer, {"weight": weight}, [np.array(ids)], grad_out)
    one, two = (contract.make(layer, {"weight": weight}) for _ in range(2))
    one.forward(np.array(first))
    scene.parity("output", one.forward(np.array(ids)), expected.output)
    two.forward(np.array(first))
    one.backward(grad_out)
    scene.parity("gradient of weight", one.read("weight.grad"), expected.grad_weight)
    again = scene.rng.standard_normal((*np.shape(first), 2))
    more = contract.expect(layer, {"weight": weight}, [np.array(first)], again)
    one.forward(np.array(first))
    one.backward(again)
    label = "gradient of weight after a second backward"
    scene.parity(label, one.read("weight.grad"), expected.grad_weight + more.grad_weight)


def refusal(label, ids, error):
    title = f"Embedding(3, 1), ids = {ids} are an error"
    return Probe("Embedding", title, partial(refused, label, ids, error))


def refused(label, ids, error, scene):
    instance = scene.student.embedding.Embedding(3, 1)
    scene.parity.refuses(label, partial(instance.forward, np.array(ids)), error)


def wrong_gradient(ids, shape):
    title = f"Embedding(3, 2), ids = {ids}, a grad_out of shape {shape} is an error"
    return Probe("Embedding", title, partial(refused_gradient, ids, shape))


def refused_gradient(ids, shape, scene):
    instance = scene.student.embedding.Embedding(3, 2)
    instance.forward(np.array(ids))
    call = partial(instance.backward, np.zeros(shape))
    scene.parity.refuses("a grad_out of another shape", call)


def refused_padding(row):
    title = f"Embedding(3, 1, padding_idx={row}) is an error"
    return Probe("Embedding", title, partial(refuses_padding, row))


def refuses_padding(row, scene):
    make = partial(scene.student.embedding.Embedding, 3, 1, padding_idx=row)
    scene.parity.refuses(f"padding_idx={row} of 3 rows", make)


PROBES = [
    lookup(table(1, 1), [0]),
    lookup(table(2, 1), [1]),
    lookup(table(2, 1), [1, 0]),
    lookup(table(2, 1), [0, 0]),
    lookup(table(1, 2), [0]),
    lookup(table(2, 1), [[1], [0]]),
    lookup(table(2, 2), [1, 0, 1]),
    lookup(table(3, 2), [[2, 0], [2, 2]]),
    lookup(table(4, 3), [[3, 1], [1, 3], [0, 3]]),
    lookup(table(4, 2), [[[0], [3]], [[3], [1]], [[3], [2]]]),
    narrow(60, [4, 4]),
    narrow(70, [4, 0]),
    lookup(table(2, 1, padding_idx=0), [1, 0]),
    lookup(table(3, 2, padding_idx=0), [[1, 0, 1], [0, 2, 0]]),
    lookup(table(2, 1, padding_idx=1), [1, 0]),
    lookup(table(3, 2, padding_idx=-1), [[2, 0, 1], [2, 1, 1]]),
    lookup(table(3, 2, padding_idx=-3), [0, 1, 0]),
    lookup(table(2, 1), []),
    lookup(table(3, 2), [[], []]),
    second([0, 1], [[3, 1, 3], [2, 1, 1]]),
    second([[1, 1], [0, 2], [1, 0]], [3, 1]),
    starts(table(3, 2, padding_idx=0)),
    starts(table(3, 4, padding_idx=1)),
    starts(table(4, 2, padding_idx=-2)),
    initial(20, 30),
    initial(30, 25),
    float32([1], 1),
    float32([[2, 0]], 2),
    returns([1]),
    returns([[0, 1]]),
    refusal("an id that is too large", [3], "an IndexError"),
    refusal("an id that is too large", [[0, 7]], "an IndexError"),
    refusal("a negative id", [-1], "an IndexError"),
    refusal("a negative id", [[1, -3]], "an IndexError"),
    refusal("ids with a decimal point", [0.5], "a TypeError"),
    refusal("ids with a decimal point", [[1.0], [2.0]], "a TypeError"),
    refusal("truth values as ids", [True, False], "a TypeError"),
    refusal("truth values as ids", [[True]], "a TypeError"),
    wrong_gradient([0, 1], (1, 2, 2)),
    wrong_gradient([[0, 1, 2]], (3, 2)),
    refused_padding(3),
    refused_padding(-4),
]
