"""A list of keys with values, and questions that only attention to the right place can answer."""

import numpy as np
import pytest

PLACES, KEYS, VALUES, DEPTH = 8, 16, 8, 32
LEARNS = [f"test_scaled_dot_product_attention_{aspect}" for aspect in ("forward", "backward")]


def shuffled(rng, rows, count):
    """The numbers 0 to count - 1 in a random order, for every row."""
    return rng.permuted(np.tile(np.arange(count), (rows, 1)), axis=1)


def questions(rng, rows):
    """Lists of different keys, and a question about each of them."""
    keys = shuffled(rng, rows, KEYS)[:, :PLACES]
    return with_answers(rng, keys, shuffled(rng, rows, PLACES))


def causal_questions(rng, rows):
    """Lists in which every key comes twice: its first half is asked for, as far as it's visible."""
    half = PLACES // 2
    first = shuffled(rng, rows, KEYS)[:, :half]
    keys = np.concatenate([first, rng.permuted(first, axis=1)], axis=1)
    return with_answers(rng, keys, rng.integers(np.arange(1, half + 1), size=(rows, half)))


def with_answers(rng, keys, places):
    """The model's input, the answers (N, L), and the places (N, L) where they are to be found."""
    values = rng.integers(VALUES, size=keys.shape)
    asked = np.take_along_axis(keys, places, axis=1)
    answers = np.take_along_axis(values, places, axis=1)
    return np.concatenate([keys, values, asked], axis=1), answers, places


def retrieval(student, given, weeks, training, is_causal=False):
    """A model around the submission's attention, with parameters of earlier weeks."""
    tables = [
        weeks(3).embedding.Embedding(size, DEPTH, rng=training.generator())
        for size in (KEYS, KEYS, VALUES)
    ]
    linear = weeks(1).linear.Linear(DEPTH, VALUES, rng=training.generator())
    attention = student.attention.ScaledDotProductAttention()
    return given.retrieval.Retrieval(attention, *tables, linear, PLACES, is_causal)


def fit(model, given, weeks, training, ids, answers):
    loss = given.models.EveryStep(weeks(1).losses.CrossEntropyLoss())
    adam = weeks(3).optim.Adam(model.parameters(), lr=0.03)
    training.fit(model, loss, ids, answers, epochs=8, optimizer=adam)


def attention_weights(model, ids, places, parity):
    """The weights (N, L, S); zeros if they can't be weights, and it is on record."""
    weights = parity.array("weights", model.attend(ids), (*places.shape, PLACES))
    right = ((weights >= 0) & (weights < 2)).all() and (weights.sum(axis=-1) < 1 + 1e-6).all()
    parity.holds("weights", right, "weights: none is negative, and each row adds up to 1")
    return weights if right else np.zeros_like(weights)


def show(parity, weights, places):
    """Attention maps for the report: of one list, and the mean over all."""
    title = "Attention of one list, a question per row and a place per column"
    parity.picture(title, weights[0])
    asked = np.unique(places)
    means = np.stack([weights[places == place].mean(axis=0) for place in asked])
    title = "Mean attention, by the right place (row) and place (column): a diagonal is right"
    parity.picture(title, means)


def weight_at_right_place(model, training, parity, ids, answers, places):
    """The mean weight of the place that holds the answer; a wrong answer counts as 0."""
    logits = training.outputs(model, ids, answers)
    weights = attention_weights(model, ids, places, parity)
    show(parity, weights, places)
    if logits is None:
        return 0.0
    right = np.isfinite(logits).all(axis=-1) & (logits.argmax(axis=-1) == answers)
    return float((right * np.take_along_axis(weights, places[..., None], axis=-1)[..., 0]).mean())


@pytest.mark.accuracy
@pytest.mark.check(weight=6, needs=LEARNS)
def test_retrieval(student, given, weeks, training, parity, rng):
    """Attention learns to look at the place that holds the answer"""
    model = retrieval(student, given, weeks, training)
    ids, answers, _ = questions(rng, 1000)
    fit(model, given, weeks, training, ids, answers)
    value = weight_at_right_place(model, training, parity, *questions(rng, 300))
    training.reaches("weight at the right place", value)


@pytest.mark.accuracy
@pytest.mark.check(weight=6, needs=[*LEARNS, "test_scaled_dot_product_attention_causal_mask"])
def test_causal_retrieval(student, given, weeks, training, parity, rng):
    """Causal attention looks at the right place, not at one that it may not see"""
    model = retrieval(student, given, weeks, training, is_causal=True)
    ids, answers, _ = causal_questions(rng, 1000)
    fit(model, given, weeks, training, ids, answers)
    value = weight_at_right_place(model, training, parity, *causal_questions(rng, 300))
    training.reaches("weight at the right place", value)
