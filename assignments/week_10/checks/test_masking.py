"""mask_tokens: which tokens are hidden, and how; MaskedCrossEntropyLoss: of those alone."""

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
