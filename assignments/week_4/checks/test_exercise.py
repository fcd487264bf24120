"""The notebook of week 4: a recurrent network that learns the next word."""

import numpy as np
import pytest

EPOCHS = 8


@pytest.mark.check(weight=6)
@pytest.mark.usefixtures("figures")
def test_losses(notebook, worker, given, weeks, training, parity, rng):
    """The falling loss of the language model"""
    losses = parity.array("losses", notebook.read("losses"), (EPOCHS,))
    high = 3.0 < losses[0] < 8.0
    parity.holds("first loss", high, "in the first epoch the model hardly knows more than V")
    falls = 0 < losses[-1] < 0.75 * losses[0]
    parity.holds("last loss", falls, "the loss must fall below three quarters of its start")
    # Another text, which goes round in a circle: numbers could be typed in.
    model = notebook.make("make_model", 13, worker.generator(8))
    ids = (rng.integers(0, 13, (64, 1)) + rng.integers(1, 13) * np.arange(17)) % 13
    loss = given.models.EveryStep(weeks(1).losses.CrossEntropyLoss())
    adam = weeks(3).optim.Adam(model.parameters(), lr=0.005)
    options = {"epochs": 6, "batch_size": 8, "optimizer": adam, "rng": worker.generator(9)}
    worker.call("given.training.fit", model, loss, ids[:48, :-1], ids[:48, 1:], **options)
    value = training.cross_entropy(model, ids[48:, :-1], ids[48:, 1:])
    message = f"{value:.2f} on another text after training anew, below 1.5 is needed"
    parity.holds("loss of make_model's model", value < 1.5, message)
