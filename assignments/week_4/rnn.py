"""Elman's recurrent network: one hidden state, carried from step to step.

    h_t = tanh(x_t W_ihᵀ + b_ih + h_{t-1} W_hhᵀ + b_hh)

All steps share the weights, so the gradients of the weights are sums over the steps.
"""

from __future__ import annotations

import math

import numpy as np
from given.module import Array, Module, Parameter
from given.shapes import require_shape


class RNN(Module):
    """One recurrent layer over batches of sequences, batch first.

    Args:
        input_size: D, length of the vector at one step.
        hidden_size: H, length of the hidden state.
        nonlinearity: "tanh" or "relu".
        bias: whether there are two bias vectors.
        rng: source of the initial weights; None takes a fresh generator.
    Attributes:
        weight_ih: W_ih, shape (H, D), drawn as torch draws it: uniform in ±1/√H.
        weight_hh: W_hh, shape (H, H), drawn likewise.
        bias_ih, bias_hh: shape (H,) each, drawn likewise; None without a bias. They are only
            ever added to each other; there are two because torch has two.
    Raises:
        ValueError: another nonlinearity.
    Parity: torch.nn.RNN with batch_first=True and one layer; its parameters end in "_l0".
    """

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        nonlinearity: str = "tanh",
        bias: bool = True,
        rng: np.random.Generator | None = None,
    ) -> None:
        self.input_size, self.hidden_size = input_size, hidden_size
        self.nonlinearity = nonlinearity
        rng = rng or np.random.default_rng()
        # TODO check the nonlinearity, draw weights and biases in torch's order
        raise NotImplementedError("week_4/rnn.py: RNN.__init__")

    def forward(self, x: Array, h0: Array | None = None) -> tuple[Array, Array]:
        """The hidden state after every step, and the last one.

        Args:
            x: shape (N, T, D), T at least 1.
            h0: the state before the first step, shape (1, N, H); zeros if None.
        Returns:
            output, the states h_1 … h_T, shape (N, T, H), and h_n, the last, shape (1, N, H).
            Both are the caller's: whatever becomes of them, backward gives the same.
        Raises:
            ValueError: x or h0 has another shape.
        Math: h_t = φ(a_t), a_t = x_t W_ihᵀ + b_ih + h_{t-1} W_hhᵀ + b_hh, φ = tanh or relu.
        """
        # TODO check the shapes, project all inputs at once, go through time
        raise NotImplementedError("week_4/rnn.py: RNN.forward")

    def backward(self, grad_output: Array, grad_h_n: Array | None = None) -> tuple[Array, Array]:
        """Gradients with respect to x and h0, through all steps; adds to the parameters' grad.

        Args:
            grad_output: dL/d(output), shape (N, T, H).
            grad_h_n: dL/d(h_n), shape (1, N, H); zeros if None.
        Returns:
            dL/dx, shape (N, T, D), and dL/dh0, shape (1, N, H).
        Raises:
            ValueError: a gradient has another shape than what it is the gradient of.
        Math: with δ_t = dL/da_t, shape (N, H), from the last step to the first,
            δ_t = (g_t + δ_{t+1} W_hh) ⊙ φ'(a_t),    in step T with dL/dh_n for δ_{T+1} W_hh
            dx_t = δ_t W_ih,    dh_0 = δ_1 W_hh
            dW_ih = Σ_t δ_tᵀ x_t,    dW_hh = Σ_t δ_tᵀ h_{t-1},    db_ih = db_hh = Σ_t Σ_n δ_t
            where φ' = 1 - h_t² for tanh, and 1 where h_t > 0, else 0, for relu.
        """
        # TODO check the shapes, walk back through time for every δ_t, then the sums
        raise NotImplementedError("week_4/rnn.py: RNN.backward")
