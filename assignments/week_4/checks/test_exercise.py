"""The notebook of week 4: a recurrent network that learns the next word."""

import numpy as np
import pytest

EPOCHS = 8


@pytest.mark.check(weight=6)
@pytest.mark.usefixtures("figures")
def test_losses(notebook, parity):
    """The falling loss of the language model"""
    losses = np.asarray(notebook.read("losses"), dtype=float)
    parity.equal("number of losses", losses.size, EPOCHS)
    if losses.size == EPOCHS:
        high = 3.0 < losses[0] < 8.0
        parity.holds("first loss", high, "in the first epoch the model hardly knows more than V")
        falls = 0 < losses[-1] < 0.75 * losses[0]
        parity.holds("last loss", falls, "the loss must fall below three quarters of its start")
