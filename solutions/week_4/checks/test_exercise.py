"""The notebook of week 4: a recurrent network that learns the next word."""

import numpy as np
import pytest

EPOCHS = 8


@pytest.mark.check(weight=6)
@pytest.mark.usefixtures("figures")
def test_losses(notebook, worker, given, weeks, training, parity, rng):
    """The falling loss of the language model"""
    losses = np.asarray(notebook.read("losses"), dtype=float)
    parity.equal("number of losses", losses.size, EPOCHS)
    if losses.size == EPOCHS:
        high = 3.0 < losses[0] < 8.0
        parity.holds("first loss", high, "in the first epoch the model hardly knows more than V")
        falls = 0 < losses[-1] < 0.75 * losses[0]
        parity.holds("last loss", falls, "the loss must fall below three quarters of its start")
    # Another text, which goes round in a circle: numbers could be typed in.
    model = notebook.call("make_model", 13, worker.generator(8))
    ids = (rng.integers(0, 13, (64, 1)) + rng.integers(1, 13) * np.arange(17)) % 13
    loss = given.models.EveryStep(weeks(1).losses.CrossEntropyLoss())
    adam = weeks(3).optim.Adam(model.parameters(), lr=0.005)
    options = {"epochs": 6, "batch_size": 8, "optimizer": adam, "rng": worker.generator(9)}
    worker.call("given.training.fit", model, loss, ids[:48, :-1], ids[:48, 1:], **options)
    value = training.cross_entropy(model, ids[48:, :-1], ids[48:, 1:])
    message = f"{value:.2f} on another text after training anew, below 1.5 is needed"
    parity.holds("loss of make_model's model", value < 1.5, message)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=5)
def test_make_batches(notebook, parity, rng):
    """Sequences and their targets, one word later"""
    for size, length in ((50, 7), (43, 6), (42, 6), (5, 4)):
        ids = rng.integers(0, 99, size)
        count = (size - 1) // length
        batches = notebook.call("make_batches", ids, length)
        inputs, targets = parity.parts("what make_batches returns", batches, 2)
        what = f"of {size} ids, length {length}"
        parity(f"inputs {what}", inputs, ids[: count * length].reshape(count, length))
        parity(f"targets {what}", targets, ids[1 : count * length + 1].reshape(count, length))


@pytest.mark.check(weight=4)
def test_make_model(notebook, worker, oracle, parity, rng):
    """The language model: its layers and its logits"""
    model = notebook.call("make_model", 13, worker.generator(5))
    state = {name.rpartition(".")[2]: a for name, a in model.state_dict().items() if "_" in name}
    both = sorted(a.shape for a in model.state_dict().values())
    shapes = sorted([(13, 32), (64, 32), (64, 64), (64,), (64,), (13, 64), (13,)])
    parity.equal("shapes of the parameters", str(both), str(shapes))
    if both == shapes and len(state) == 4:
        by_shape = {a.shape: a for a in model.state_dict().values()}
        ids = rng.integers(0, 13, (3, 6))
        zeros = np.zeros((3, 6, 64))
        states = oracle.rnn(state, by_shape[13, 32][ids], zeros).output
        parity("logits", model.forward(ids), states @ by_shape[13, 64].T + by_shape[13,])


@pytest.mark.check(weight=5)
def test_continue_text(notebook, worker, parity):
    """Each new word is the model's best guess"""
    model = notebook.call("make_model", 13, worker.generator(6))
    start = [4, 9, 2]
    ids = notebook.call("continue_text", model, start, 5)
    ids = [int(i) for i in ids] if isinstance(ids, list | tuple | np.ndarray) else []
    parity.equal("number of ids", len(ids), 8)
    for end in range(len(start), len(ids)):
        best = model.forward(np.array([ids[:end]]))
        parity.equal(f"id {end}", ids[end], int(np.asarray(best)[0, -1].argmax()))
    parity.equal("the ids at the start", ids[:3], start)


### END HIDDEN TESTS
