"""Hidden characters of a book: learned, and guessed with weights that were trained elsewhere."""

import math

import numpy as np
import pytest

MASK, LENGTH, DEPTH, HEADS = 0, 16, 48, 4
ROWS, EPOCHS, BATCH, RATE = 6000, 6, 48, 5e-3


def rows_of(text):
    """Ids (N, LENGTH) of the characters, from 1 up: token 0 is the mask."""
    characters = sorted(set(text))
    numbers = {character: number for number, character in enumerate(characters, start=1)}
    ids = np.array([numbers[character] for character in text])
    return ids[: len(ids) // LENGTH * LENGTH].reshape(-1, LENGTH), len(characters) + 1


def renamed(rng, size):
    """Secret names of the tokens, for which nobody can have stored weights; the mask keeps its."""
    return np.concatenate([[MASK], 1 + rng.permutation(size - 1)])


def small_bert(student, size, training):
    model = student.bert.Bert(
        *(size, DEPTH, HEADS, 1, 2 * DEPTH, 0.0),
        norm_first=True,
        max_len=LENGTH,
        rng=training.generator(),
    )
    model.to("float32")
    return model


def guess(model, training, rows, rng):
    """The mean loss and the share of right guesses, at positions that are hidden here."""
    hidden = rng.random(rows.shape) < 0.15
    outputs = training.outputs(model, np.where(hidden, MASK, rows), rows)
    if outputs is None or outputs.shape[-1] <= rows.max():
        return 100.0, 0.0
    logits, right = np.nan_to_num(outputs[hidden], nan=-1e30), rows[hidden]
    shifted = (logits - logits.max(axis=-1, keepdims=True)).clip(-100)
    losses = np.log(np.exp(shifted).sum(axis=-1)) - shifted[np.arange(len(right)), right]
    return float(losses.mean()), float((logits.argmax(axis=-1) == right).mean())


@pytest.mark.accuracy
@pytest.mark.check(
    weight=8,
    needs=[
        *("test_mask_tokens_labels", "test_masked_cross_entropy_loss_backward"),
        *("test_bert_forward", "test_bert_parameter_grads"),
    ],
)
def test_masked_language_model(student, given, weeks, training, parity, alice, rng):
    """Bert learns to guess the hidden characters of a book"""
    rows, size = rows_of(alice)
    rows = renamed(rng, size)[rows]
    order = rng.permutation(len(rows))
    test, train = rows[order[:900]], rows[order[900 : 900 + ROWS]]
    answer = student.masking.mask_tokens(train, size, MASK, training.generator())
    inputs, labels = parity.parts("what mask_tokens returns", answer, 2)
    inputs = parity.array("inputs", inputs, train.shape, "int")
    labels = parity.array("labels", labels, train.shape, "int")
    model = small_bert(student, size, training)
    adam = weeks(3).optim.Adam(model.parameters(), lr=RATE)
    schedule = given.sequences.WarmUpAndDecay(adam, EPOCHS * ROWS // BATCH, 50)
    guessing = math.log(size)  # what guessing costs: no merit in starting worse
    start = min(guess(model, training, test, rng)[0], guessing)
    loss = student.masking.MaskedCrossEntropyLoss()
    options = {"epochs": EPOCHS, "batch_size": BATCH, "optimizer": schedule}
    training.fit(model, loss, inputs, labels, **options)
    end, reached = guess(model, training, test, rng)
    unigram = float((test == np.bincount(train.ravel()).argmax()).mean())
    message = f"{reached:.3f} of the hidden characters are guessed, the commonest is {unigram:.3f}"
    parity.holds("more than the commonest character", reached > 1.5 * unigram, message)
    training.reaches("fall of the masked loss (share of its start)", (start - end) / guessing)
