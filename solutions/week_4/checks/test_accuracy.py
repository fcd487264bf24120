"""The pieces of the week together: a network reads English and learns to guess the next word."""

import math
from collections import Counter

import numpy as np
import pytest

LENGTH = 9  # words in a row of text: eight to read, and eight to guess
MIN_FREQ = 14  # a word that is rarer than this is unknown


@pytest.mark.accuracy
@pytest.mark.check(
    weight=10,
    needs=[
        *("test_rnn_forward", "test_rnn_backward", "test_rnn_parameter_grads"),
        *("test_vocabulary_lookup", "test_vocabulary_unknown"),
        *("test_word_tokenizer_tokenize", "test_word_tokenizer_encode"),
    ],
)
def test_language_model(student, given, weeks, training, parity, split_text):
    """Tokenizer, Embedding, RNN, Linear: how far the loss falls on unseen English text"""
    train, test = split_text(LENGTH)
    tokenizer = student.tokenizer.WordTokenizer()
    tokenizer.fit(train, min_freq=MIN_FREQ)
    ids = [
        parity.array("ids", tokenizer.encode_batch(rows, LENGTH), (len(rows), LENGTH), "int")
        for rows in (train, test)
    ]
    counts = Counter(word for row in train for word in row.split())
    known = {word for word, count in counts.items() if count >= MIN_FREQ}
    size = len(known) + 2  # with "<pad>" and "<unk>"
    faults = numbering_faults(ids, (train, test), known, size)
    parity.holds("ids", not faults, f"the ids of the text: {faults}")
    if faults:
        return
    (x, y), (x_test, y_test) = ((rows[:, :-1], rows[:, 1:]) for rows in ids)
    model = given.models.LanguageModel(
        weeks(3).embedding.Embedding(size, 32, rng=training.generator()),
        student.rnn.RNN(32, 64, rng=training.generator()),
        weeks(1).linear.Linear(64, size, rng=training.generator()),
    )
    loss = given.models.EveryStep(weeks(1).losses.CrossEntropyLoss())
    optimizer = weeks(3).optim.Adam(model.parameters(), lr=0.005)
    guessing = math.log(size)  # what guessing costs: no merit in starting worse
    start = min(training.cross_entropy(model, x_test, y_test), guessing)
    training.fit(model, loss, x, y, epochs=6, optimizer=optimizer)
    end = training.cross_entropy(model, x_test, y_test)
    training.reaches("fall of the loss (share of its start)", (start - end) / guessing)


def numbering_faults(ids, texts, known, size):
    """What is wrong with the ids of the texts; "" if each known word has one of its own."""
    numbers = {}
    for got, rows in zip(ids, texts, strict=True):
        words = np.array([row.split() for row in rows])
        for word, number in zip(words.ravel().tolist(), got.ravel().tolist(), strict=True):
            name = word if word in known else "<unk>"
            if numbers.setdefault(name, number) != number:
                return f'"{name}" has the ids {numbers[name]} and {number}'
    different = set(numbers.values())
    if len(different) < len(numbers) or not different <= set(range(size)):
        return f"{len(numbers)} words need as many ids, from 0 to {size - 1}"
    return ""
