"""Small cases of mask_tokens, where chance decides little, and of MaskedCrossEntropyLoss."""

from dataclasses import replace
from functools import partial

import numpy as np

from autograder.layers import Contract, Layer, Probe, as_float32, probing

TOKENS, MASK, IGNORED = 6, 3, -100
FROM_RNG = (
    "Two generators with the same seed give different masks: draw all that is random from `rng`, "
    "nothing from np.random or from a generator of your own."
)
LOSS = Layer("masking", "MaskedCrossEntropyLoss", oracle="bert")


def labelled(labels):
    """The loss for logits of 3 or 2 tokens, with these labels."""
    labels = np.array(labels)
    tokens = 3 if labels.max() > 1 else 2

    layer = replace(LOSS, draw_target=lambda *_: labels)
    title = f"MaskedCrossEntropyLoss, {tokens} tokens, labels {labels.tolist()}"
    return Probe(LOSS.name, title, partial(probing.run, layer, (*labels.shape, tokens)))


def single(labels):
    """Loss and gradient in float32."""
    labels = np.array(labels)

    def run(scene):
        layer = replace(LOSS, draw_target=lambda *_: labels)
        contract = Contract(scene.student, scene.worker, scene.rng, scene.oracle, scene.parity)
        x = as_float32(scene.rng.standard_normal((*labels.shape, 3)))
        expected = contract.expect(layer, {}, [x, labels], 2.0)
        instance = contract.make(layer)
        instance.forward(x, labels)
        got, wanted = instance.backward(2.0), as_float32(expected.grad_input)
        scene.parity("gradient of the input", got, wanted)

    return Probe(LOSS.name, f"MaskedCrossEntropyLoss, float32, labels {labels.tolist()}", run)


def refused(what, shape, labels):
    labels = np.array(labels)

    def run(scene):
        instance = scene.student.masking.MaskedCrossEntropyLoss()
        call = partial(instance.forward, scene.rng.standard_normal(shape), labels)
        scene.parity.refuses(what, call, "a ValueError")

    return Probe(LOSS.name, f"{what}: logits {shape}, labels {labels.tolist()}", run)


def call(scene, ids, probability, special=(), generator=None):
    """Inputs and labels."""
    generator = generator or scene.worker.generator(1)
    function = scene.student.masking.mask_tokens
    answer = function(ids, TOKENS, MASK, generator, special, probability)
    return scene.parity.parts("what mask_tokens returns", answer, 2)


def all_or_none(ids, probability, special=()):
    """With a probability of 0 or 1 the labels don't depend on chance."""
    ids = np.array(ids)
    chosen = ~np.isin(ids, special) if probability else np.zeros(ids.shape, np.bool_)

    def run(scene):
        inputs, labels = call(scene, ids, probability, special)
        scene.parity("labels of the chosen positions", labels, np.where(chosen, ids, IGNORED))
        inputs = scene.parity.array("inputs", inputs, ids.shape, "int")
        kept = np.where(chosen, 0, inputs)
        scene.parity("inputs that aren't chosen", kept, np.where(chosen, 0, ids))

    words = f", special {special}" if special else ""
    return Probe(
        "mask_tokens", f"mask_tokens({ids.tolist()}), probability {probability}{words}", run
    )


def shares(token, special=(), probability=1.0, seed=1):
    """Of many positions with the same token: what becomes of them, but for chance."""
    ids = np.full((200, 200), token)
    others = [t for t in range(TOKENS) if t not in (MASK, *special)]

    def run(scene):
        generator = scene.worker.generator(seed)
        inputs, labels = call(scene, ids, probability, special, generator)
        inputs = scene.parity.array("inputs", inputs, ids.shape, "int")
        labels = scene.parity.array("labels", labels, ids.shape, "int")
        chosen = labels != IGNORED
        apart(scene, "chosen", chosen if probability < 1 else inputs == MASK)
        vary(scene, inputs, token)
        if scene.parity.evidence:
            return  # shares of so few draws say nothing
        compare(scene, "positions with a label", chosen, probability)
        if scene.parity.evidence or (labels[chosen] != token).any():
            return  # the chosen ones aren't known
        given = inputs[chosen]
        again = 0.1 / len(others)
        for other in others:
            if other != token:
                compare(scene, f"token {other}, of the chosen", given == other, again)
        fates(scene, given == MASK, given == token, 0.1 + again)
        for never in special:
            compare(scene, f"special token {never}, of the chosen", given == never, 0.0)

    words = f", special {special}" if special else ""
    what = f"40000 times token {token}, probability {probability}{words}, generator {seed}"
    return Probe("mask_tokens", f"mask_tokens: {what}", run)


def fates(scene, hidden, kept, expected):
    """Which parts of the chosen are hidden, as before and another, to a twentieth."""
    shares = [float(part.mean()) for part in (hidden, kept, ~(hidden | kept))]
    wanted = [0.8, expected, 0.2 - expected]
    near = all(abs(a - b) <= 0.0125 + b / 40 for a, b in zip(shares, wanted, strict=True))
    found, right = (
        "{:.2f} are hidden, {:.2f} as before, {:.2f} another token".format(*numbers)
        for numbers in ([round(20 * s) / 20 for s in shares], wanted)
    )
    message = f"of the chosen {found}; expected: {right}"
    scene.parity.holds("what becomes of the chosen", near, message)


def apart(scene, label, found):
    """Each position of each row is drawn by itself: no row is like most of the others."""
    some = found.any() and not found.all()
    rows = len(np.unique(found, axis=0))
    message = (
        "many rows are masked at the same positions: draw a number for each position of each row"
    )
    label = f"rows of {label} positions"
    scene.parity.holds(label, not some or rows > len(found) // 2, message)


def vary(scene, inputs, token):
    """Each random token is drawn by itself: not one for all of a row."""
    drawn = (inputs != MASK) & (inputs != token)
    rows = [row[mask] for row, mask in zip(inputs, drawn, strict=True) if mask.sum() > 8]
    message = "all random tokens of a row are the same"
    alike = bool(rows) and all((row == row[0]).all() for row in rows)
    scene.parity.holds("random tokens of a row", not alike, message)


def redrawn(length):
    """Eight calls with one generator: each time others are chosen, and not always as many."""
    ids = np.full(length, 2)

    def run(scene):
        generator = scene.worker.generator(3)
        answers = [call(scene, ids, 0.5, (), generator) for _ in range(8)]
        inputs, labels = (
            np.stack([scene.parity.array(name, part, ids.shape, "int") for part in parts])
            for name, parts in zip(("inputs", "labels"), zip(*answers, strict=True), strict=True)
        )
        chosen = labels != IGNORED
        if not chosen.any() or chosen.all():
            return
        others = (chosen != chosen[0]).any()
        scene.parity.holds("positions of eight calls", others, "the same ones in every call")
        if not others:
            return
        message = "equally many in every call: each is chosen by itself"
        scene.parity.holds("number of positions", len({*chosen.sum(axis=1)}) > 1, message)
        drawn = (inputs != MASK) & (inputs != 2)
        largest, smallest = (np.where(drawn, inputs, never) for never in (-1, TOKENS))
        varies = (largest.max(axis=0) > smallest.min(axis=0))[drawn.sum(axis=0) > 1]
        message = "a position gets the same one in every call"
        fresh = not varies.size or varies.any()
        scene.parity.holds("random tokens of eight calls", fresh, message)

    return Probe("mask_tokens", f"mask_tokens: eight times {length} times token 2", run)


def compare(scene, label, found, wanted):
    """The share is near the wanted one; what is told of it doesn't depend on chance."""
    share = float(np.mean(found)) if found.size else 0.0
    told = "too few" if share < wanted else "too many"
    if not 0 < share < 1:
        told = "all" if share else "none"
    elif f"{share:.1f}" != f"{wanted:.1f}":
        told = f"{told}, about {share:.1f}"
    message = f"{label}: {told}, expected {wanted:.3f} of them"
    scene.parity.holds(label, abs(share - wanted) <= 0.0125 + wanted / 40, message)


def repeats(ids):
    """The same generator gives the same answer, and the ids stay as they are."""
    ids = np.array(ids)

    def run(scene):
        one, same = (call(scene, ids, 0.5, (), scene.worker.generator(7)) for _ in range(2))
        for name, first, second in zip(("inputs", "labels"), one, same, strict=True):
            first = scene.parity.array(name, first, ids.shape, "int")
            second = scene.parity.array(name, second, ids.shape, "int")
            label = f"{name}, same rng"
            scene.parity.means(label, FROM_RNG)
            scene.parity.holds(label, np.array_equal(first, second), f"{label}: others")
        kept = scene.worker.keep(ids)
        call(scene, kept, 1.0)
        scene.parity("ids, afterwards", scene.worker.fetch(kept), ids)

    return Probe("mask_tokens", f"mask_tokens({ids.tolist()}) twice", run)


def wrong(what, ids, error, probability=0.5):
    ids = np.array(ids)

    def run(scene):
        function = scene.student.masking.mask_tokens
        generator = scene.worker.generator(1)
        masking = partial(function, ids, TOKENS, MASK, generator, (), probability)
        scene.parity.refuses(what, masking, error)

    return Probe("mask_tokens", f"{what}: ids {ids.tolist()}, probability {probability}", run)


PROBES = [
    all_or_none([0, 5], 0.0),
    all_or_none([[1, 2, 4]], 0.0),
    all_or_none([0, 5], 1.0),
    all_or_none([[1, 2], [4, 1]], 1.0),
    all_or_none([[0, 0, 2]], 1.0),
    all_or_none([[3, 1]], 1.0),
    all_or_none([3, 0, 3], 1.0),
    all_or_none([0, 2, 0], 1.0, (0,)),
    all_or_none([[5, 1, 0, 4]], 1.0, (0, 5)),
    shares(2),
    shares(4, seed=2),
    shares(1, (0, 5)),
    shares(5, (0,), seed=2),
    shares(2, (), 0.5),
    shares(1, (), 0.25),
    redrawn(2000),
    redrawn(3000),
    repeats([1, 2, 4, 5, 0, 1, 2, 4]),
    repeats([[5, 4, 2, 1, 1, 5, 4, 0]]),
    wrong("ids that are no tokens", [1, 6], "an IndexError"),
    wrong("ids that are no tokens", [-1, 2], "an IndexError"),
    wrong("ids that are not integers", [1.0], "a TypeError"),
    wrong("ids that are not integers", [2.5, 0.0], "a TypeError"),
    wrong("a probability that is none", [1], "a ValueError", 1.5),
    wrong("a probability that is none", [1], "a ValueError", -0.5),
    labelled([0]),
    labelled([[1, -100]]),
    labelled([-100, 2, 0]),
    labelled([[0, -100, 2], [-100, -100, 1]]),
    labelled([[1, 1], [0, 1]]),
    labelled([[1, 0, 2], [-100, 1, -100]]),
    single([2, -100]),
    single([[1, -100], [0, 2]]),
    refused("no label at all", (2, 2), [-100, -100]),
    refused("no label at all", (1, 1, 3), [[-100]]),
    refused("a label that is none", (2, 2), [2, 0]),
    refused("a label that is none", (2, 2), [-1, 1]),
    refused("labels of another shape", (2, 3), [[1], [2]]),
    refused("labels of another shape", (2, 1, 3), [1, 2]),
]
