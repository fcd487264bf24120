"""Sequences turned around and sorted: by training, and with weights that are right already."""

import numpy as np
import pytest

TOKENS, LENGTH, DEPTH, HEADS, WIDTH = 11, 8, 32, 4, 64
BEGIN = 0  # begins every target, and is in none
TASKS = {"reverse": lambda ids: ids[:, ::-1], "sort": lambda ids: np.sort(ids, axis=1)}


def renamed(rng):
    """Secret names of the tokens: nobody can sort by looking at the numbers."""
    return np.concatenate([[BEGIN], 1 + rng.permutation(TOKENS - 1)])


def sequences(rng, task, rows, names):
    """Sources (N, T) and the right answers (N, T)."""
    ids = rng.integers(1, TOKENS, (rows, LENGTH))
    return names[ids], names[TASKS[task](ids)]


def small_transformer(student, training):
    return student.transformer.Transformer(
        *(TOKENS, TOKENS, DEPTH, HEADS, 1, 1, WIDTH, 0.0),
        norm_first=True,
        max_len=LENGTH,
        rng=training.generator(),
    )


def exact_match(model, source, target, parity, task):
    """The share of sequences in which every token is right, counted here."""
    got = model.generate(source, LENGTH, BEGIN)
    got = parity.array(f"what generate returned, {task}", got, target.shape, "int")
    return float((got == target).all(axis=1).mean())


@pytest.mark.accuracy
@pytest.mark.check(weight=6, needs=["test_transformer_forward", "test_transformer_parameter_grads"])
def test_learned_sequences(student, given, weeks, training, parity, rng):
    """Transformer: learns to reverse sequences, and to sort them"""
    loss = given.models.EveryStep(weeks(1).losses.CrossEntropyLoss())
    reached = []
    for task in TASKS:
        names = renamed(rng)
        source, target = sequences(rng, task, 4800, names)
        transformer = small_transformer(student, training)
        transformer.to("float32")
        model = given.sequences.SequenceToSequence(transformer, LENGTH, BEGIN)
        adam = weeks(3).optim.Adam(transformer.parameters(), lr=0.004)
        steps = given.sequences.WarmUpAndDecay(adam, 300, 50)
        ids, options = np.concatenate([source, target], axis=1), {"epochs": 3, "batch_size": 48}
        training.fit(model, loss, ids, target, name=task, optimizer=steps, **options)
        reached.append(exact_match(transformer, *sequences(rng, task, 500, names), parity, task))
    training.reaches("sequences that are right, of the task with fewer", min(reached))
