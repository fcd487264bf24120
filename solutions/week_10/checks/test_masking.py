"""mask_tokens: which tokens are hidden, and how; MaskedCrossEntropyLoss: of those alone."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer

TOKENS, MASK, PAD, IGNORED = 20, 3, 0, -100


def labelled(rng, shape):
    """Labels for logits of this shape: a token at about half of the positions, at least at one."""
    labels = np.where(rng.random(shape[:-1]) < 0.5, rng.integers(shape[-1], size=shape[:-1]), -100)
    labels.reshape(-1)[0], labels.reshape(-1)[-1] = 1, IGNORED
    return labels


LOSS = Layer("masking", "MaskedCrossEntropyLoss", draw_target=labelled, oracle="bert")

test_masked_cross_entropy_loss_forward = LOSS.forward((4, 6, 5), weight=3)
test_masked_cross_entropy_loss_backward = LOSS.backward((4, 6, 5), weight=4)


class Masking:
    """mask_tokens of the submission, on ids that are drawn here."""

    def __init__(self, student, worker, parity, rng):
        self.function, self.worker = student.masking.mask_tokens, worker
        self.parity, self.rng = parity, rng

    def draw(self, *shape):
        return self.rng.integers(TOKENS, size=shape or (300, 100))

    def generator(self):
        return self.worker.generator(int(self.rng.integers(1 << 31)))

    def call(self, ids, **options):
        """Inputs and labels, as arrays of ours, with a generator of their own."""
        return self.call_with(self.generator(), ids, **options)

    def call_with(self, generator, ids, **options):
        answer = self.function(ids, TOKENS, MASK, generator, **options)
        inputs, labels = self.parity.parts("what mask_tokens returns", answer, 2)
        inputs = self.parity.array("inputs", inputs, ids.shape, "int")
        return inputs, self.parity.array("labels", labels, ids.shape, "int")

    def share(self, what, part, whole, wanted):
        """The share of a random selection, within six standard deviations of the wanted one."""
        found, count = part.sum() / max(1, whole.sum()), whole.sum()
        allowed = 6 * np.sqrt(wanted * (1 - wanted) / max(1, count))
        message = f"{what}: {found:.1%}, expected {wanted:.1%}"
        self.parity.holds(what, abs(found - wanted) <= allowed, message)

    def tokens(self, what, tokens, wanted):
        """Each of the wanted tokens is there equally often, and no other."""
        counts = np.bincount(np.clip(tokens, 0, TOKENS), minlength=TOKENS + 1)
        expected = np.zeros(TOKENS + 1)
        expected[wanted] = len(tokens) / len(wanted)
        right = (np.abs(counts - expected) <= 6 * np.sqrt(expected)).all()
        found = f"{what}: the tokens {np.flatnonzero(counts).tolist()}"
        message = f"{found}, expected each of {wanted.tolist()} equally often"
        self.parity.holds(what, right and len(tokens) > 0, message)


@pytest.fixture
def masking(student, worker, parity, rng):
    return Masking(student, worker, parity, rng)


@pytest.mark.check(weight=4)
def test_mask_tokens_labels(masking, parity):
    """mask_tokens: 15 % of the positions are chosen; labels hold their tokens, -100 elsewhere"""
    ids = masking.draw()
    inputs, labels = masking.call(ids)
    chosen = labels != IGNORED
    masking.share("positions with a label", chosen, np.ones_like(chosen), 0.15)
    parity("labels of the chosen positions", labels, np.where(chosen, ids, IGNORED))
    parity("inputs that aren't chosen", np.where(chosen, 0, inputs), np.where(chosen, 0, ids))


@pytest.mark.check(weight=4, needs="test_mask_tokens_labels")
def test_mask_tokens_shares(masking):
    """mask_tokens: of the chosen ones 80 % are hidden, 10 % another token, 10 % stay"""
    ids = masking.draw(1000, 100)
    ids = np.where(ids == MASK, MASK + 1, ids)
    inputs, labels = masking.call(ids)
    chosen = labels != IGNORED
    others = TOKENS - 1  # a random token may be the one that was there
    masking.share("hidden, of the chosen", chosen & (inputs == MASK), chosen, 0.8)
    masking.share("as before, of the chosen", chosen & (inputs == ids), chosen, 0.1 + 0.1 / others)
    random = chosen & (inputs != ids) & (inputs != MASK)
    masking.share("another token, of the chosen", random, chosen, 0.1 - 0.1 / others)
    # Of two tokens that are left, a random one is every second time the one that was there.
    special = [token for token in range(TOKENS) if token not in (MASK, 5, 6)]
    ids = np.where(masking.draw(1000, 100) % 2, 5, 6)
    inputs, labels = masking.call(ids, special_ids=special)
    chosen = labels != IGNORED
    masking.share("as before, of two tokens", chosen & (inputs == ids), chosen, 0.15)


### BEGIN HIDDEN TESTS
def unrelated(parity, what, one, other):
    """A random token doesn't tell another: each difference is rare, about 1 in TOKENS."""
    differences = np.bincount((other - one) % TOKENS, minlength=TOKENS)
    often = differences.max() / max(1, len(one))
    message = f"random tokens {what}: {often:.0%} have the same difference, that is no chance"
    parity.holds(f"random tokens {what}", often < 0.25, message)


@pytest.mark.check(weight=3, needs="test_mask_tokens_labels")
def test_mask_tokens_random_tokens(masking, parity):
    """mask_tokens: a random token is any but the mask and the special ones"""
    for special in ((), (PAD, 7)):
        ids = np.where(masking.draw(1000, 100) == 7, 7, 5)
        inputs, labels = masking.call(ids, special_ids=special)
        random = (labels != IGNORED) & (inputs != ids) & (inputs != MASK) & (ids == 5)
        wanted = np.setdiff1d(np.arange(TOKENS), [MASK, *special, 5])
        masking.tokens("tokens in the place of 5", inputs[random], wanted)
    ids = np.full((200, 200), 5)
    first, second = (masking.call(ids, probability=1.0)[0] for _ in range(2))
    both = np.all([(inputs != 5) & (inputs != MASK) for inputs in (first, second)], axis=0)
    unrelated(parity, "at a position in two calls", first[both], second[both])
    for what, inputs in (("row", first), ("column", first.T)):
        random = inputs[(inputs != 5) & (inputs != MASK)]
        unrelated(parity, f"one after the other in a {what}", random[:-1], random[1:])


@pytest.mark.check(weight=3, needs="test_mask_tokens_labels")
def test_mask_tokens_special(masking, parity):
    """mask_tokens: special tokens are never chosen, the others as often as before"""
    ids = masking.draw()
    inputs, labels = masking.call(ids, special_ids=[PAD, 7])
    special, chosen = np.isin(ids, [PAD, 7]), labels != IGNORED
    parity("special tokens", np.where(special, inputs, 1), np.where(special, ids, 1))
    parity.holds("special labels", not (chosen & special).any(), "special tokens have a label")
    masking.share("others with a label", chosen & ~special, ~special, 0.15)


@pytest.mark.check(weight=2, needs="test_mask_tokens_labels")
def test_mask_tokens_independent(masking, parity):
    """mask_tokens: each position is chosen by itself"""
    ids = masking.draw(400, 60)
    inputs, labels = masking.call(ids)
    chosen = labels != IGNORED
    for what, axis in (("rows", 1), ("columns", 0)):
        counts, length = chosen.sum(axis=axis), chosen.shape[axis]
        spread = counts.var() / (length * 0.15 * 0.85)
        message = f"the numbers of labels in {what} vary {spread:.2f} times as much as by chance"
        parity.holds(f"labels in {what}", 0.3 < spread < 2.5, message)
    for what, one, other in (
        ("neighbours", chosen[:, :-1], chosen[:, 1:]),
        ("examples", chosen[:-1], chosen[1:]),
    ):
        masking.share(f"both of two {what}", one & other, np.ones_like(one), 0.15**2)
    hidden = chosen & (inputs == MASK)
    both = chosen[:, :-1] & chosen[:, 1:]
    calls = [masking.call(ids[:1])[1] != IGNORED for _ in range(20)]
    differ = len({int(labels.sum()) for labels in calls}) > 1
    message = "each of 20 calls chose the same number of positions: that is no chance"
    parity.holds("numbers of labels in calls", differ, message)
    masking.share("both hidden, of two chosen", hidden[:, :-1] & hidden[:, 1:], both, 0.64)
    ids = np.full((200, 200), 5)  # so many that no two rows are alike by chance
    chosen, hidden = masking.call(ids)[1] == 5, masking.call(ids, probability=1.0)[0] == MASK
    for name, drawn in (("labels", chosen), ("masks", hidden)):
        for what, axis in (("rows", 0), ("columns", 1)):
            alike = drawn.shape[axis] - np.unique(drawn, axis=axis).shape[axis]
            message = f"{alike} of {drawn.shape[axis]} {what} have the {name} of another"
            parity.holds(f"{name} of two {what}", alike == 0, message)


@pytest.mark.check(weight=2, needs="test_mask_tokens_labels")
def test_mask_tokens_seeded(masking, parity, worker):
    """mask_tokens: the generator decides, and nothing else"""
    ids = np.where(masking.draw(40, 30) == MASK, 1, 5)
    first, again = (masking.call_with(worker.generator(3), ids) for _ in range(2))
    for label, one, same in zip(("inputs", "labels"), first, again, strict=True):
        parity(f"{label} of a generator with the same seed", same, one)
    generator = worker.generator(4)
    answers = [first, *(masking.call_with(generator, ids) for _ in range(2))]
    for index, what in ((0, "inputs"), (1, "labels")):
        alike = any(
            np.array_equal(answers[i][index], answers[j][index])
            for i, j in ((0, 1), (1, 2), (0, 2))
        )
        parity.holds(f"other {what}", not alike, f"{what} are the same for other random numbers")


@pytest.mark.check(weight=2, needs="test_mask_tokens_labels")
def test_mask_tokens_probability(masking, parity):
    """mask_tokens: any probability, and none"""
    ids = masking.draw()
    for probability in (0.0, 0.4, 1.0):
        inputs, labels = masking.call(ids, probability=probability)
        chosen = labels != IGNORED
        masking.share(f"labels with {probability}", chosen, np.ones_like(chosen), probability)
        parity(f"labels with {probability}", labels, np.where(chosen, ids, -100), trivial=True)
        same = np.where(chosen, 0, inputs), np.where(chosen, 0, ids)
        parity(f"inputs with {probability}", *same, trivial=True)


@pytest.mark.check(weight=1, needs="test_mask_tokens_labels")
def test_mask_tokens_unchanged_inputs(masking, parity, worker):
    """mask_tokens: ids of any shape and width; they are not changed"""
    for shape, dtype in (((9000,), np.int32), ((90, 100), np.uint8), ((30, 30, 10), np.int64)):
        ids = masking.draw(*shape).astype(dtype)
        kept = worker.keep(ids)
        answer = masking.function(kept, TOKENS, MASK, masking.generator())
        inputs, labels = parity.parts("what mask_tokens returns", answer, 2)
        parity("ids, afterwards", worker.fetch(kept), ids)
        width = np.dtype(dtype).name
        inputs = parity.array(f"inputs of {width} ids", inputs, shape, width)
        labels = parity.array("labels", labels, shape, "int64")
        chosen = labels != IGNORED
        masking.share("positions with a label", chosen, np.ones_like(chosen), 0.15)
        parity("labels", labels, np.where(chosen, ids.astype(np.int64), IGNORED))
        parity("inputs that aren't chosen", np.where(chosen, 0, inputs), np.where(chosen, 0, ids))


@pytest.mark.check(weight=2, needs="test_mask_tokens_labels")
def test_mask_tokens_wrong_input(masking, parity):
    """mask_tokens: ids that are no tokens, and probabilities that are none, are errors"""
    ids = masking.draw(50, 100)
    for what, wrong, kind in (
        ("ids that aren't whole", ids + 0.5, "TypeError"),
        ("ids that are truth values", ids > 3, "TypeError"),
        ("an id that is too large", np.append(ids, TOKENS), "IndexError"),
        ("a negative id", np.append(ids, -1), "IndexError"),
    ):
        call = partial(masking.function, wrong, TOKENS, MASK, masking.generator())
        parity.refuses(what, call, f"a {kind}", kinds=frozenset({kind}))
    for probability in (-0.1, 1.1):
        call = partial(
            masking.function, ids, TOKENS, MASK, masking.generator(), probability=probability
        )
        what = f"a probability of {probability}"
        parity.refuses(what, call, "a ValueError", kinds=frozenset({"ValueError"}))
    _, labels = masking.call(ids)
    chosen = labels != IGNORED
    masking.share("positions with a label", chosen, np.ones_like(chosen), 0.15)
    parity("labels", labels, np.where(chosen, ids, IGNORED))


def all_labelled(rng, shape):
    return rng.integers(shape[-1], size=shape[:-1])


test_masked_cross_entropy_loss_rows = LOSS.both((7, 5), title="rows without a batch", weight=1)
test_masked_cross_entropy_loss_all = Layer(
    "masking", "MaskedCrossEntropyLoss", draw_target=all_labelled, oracle="bert"
).both((3, 4, 5), title="every position has a label")
NARROW = [
    replace(LOSS, draw_target=lambda rng, shape, d=dtype: labelled(rng, shape).astype(d))
    for dtype in (np.int32, np.int8)
]


def other_labels(contract, layer):
    """More axes of examples; labels of any integer dtype that can hold -100."""
    contract.both(layer, (2, 3, 4, 5))
    contract.other_forms((layer, (2, 3, 4, 5)), *((loss, (4, 6, 5)) for loss in NARROW))


test_masked_cross_entropy_loss_batch_axes = LOSS.keeps(
    "more batch axes, labels of any integer dtype", other_labels
)
test_masked_cross_entropy_loss_float32 = LOSS.float32((4, 6, 5), weight=2)
test_masked_cross_entropy_loss_unchanged_inputs = LOSS.unchanged_inputs((4, 6, 5))
test_masked_cross_entropy_loss_second_call = LOSS.second_call((4, 6, 5), (2, 3, 5))
test_masked_cross_entropy_loss_non_contiguous = LOSS.non_contiguous((4, 6, 5))
test_masked_cross_entropy_loss_large_backward = LOSS.large_backward((40, 50, 20))


@pytest.mark.check(weight=3, needs="test_masked_cross_entropy_loss_forward")
def test_masked_cross_entropy_loss_wrong_input(contract):
    """MaskedCrossEntropyLoss: nothing to guess, labels that don't fit, and gradients, are errors"""
    loss, value_error = contract.make(LOSS), frozenset({"ValueError"})
    logits, labels = LOSS.inputs(contract.rng, (4, 6, 5))
    other = np.where(labels == IGNORED, -1, labels)
    for what, wrong in (
        ("no label at all", np.full_like(labels, IGNORED)),
        ("labels of another shape", labels[:, :5]),
        ("labels of one example", labels[:1]),
        ("flat labels", labels.reshape(-1)),
        ("the label -1", other),
        ("a label that is no token", np.where(labels == IGNORED, 5, labels)),
    ):
        call = partial(loss.forward, logits, wrong)
        contract.parity.refuses(what, call, "a ValueError", kinds=value_error)
    halves = np.where(labels == IGNORED, IGNORED, labels + 0.5)
    call = partial(loss.forward, logits, halves)
    contract.parity.refuses("labels that aren't whole", call, "a ValueError or a TypeError")
    contract.both_of(LOSS, {}, [logits, labels])
    loss.forward(logits, labels)
    for grad_out in (np.ones(3), np.ones((4, 6, 5))):
        what = f"a grad_out of shape {grad_out.shape}"
        contract.parity.refuses(what, partial(loss.backward, grad_out), kinds=value_error)


@pytest.mark.check(weight=2, needs="test_masked_cross_entropy_loss_backward")
def test_masked_cross_entropy_loss_grad_out(contract):
    """MaskedCrossEntropyLoss: backward takes no gradient for 1, and scales by any other"""
    inputs = LOSS.inputs(contract.rng, (4, 6, 5))
    loss, scale = contract.make(LOSS), float(contract.rng.uniform(2, 3))
    loss.forward(*inputs)
    expected = contract.expect(LOSS, {}, inputs, 1.0).grad_input
    contract.parity("gradient of the input", loss.backward(), expected)
    contract.parity("gradient, scaled", loss.backward(scale), scale * expected)


### END HIDDEN TESTS
