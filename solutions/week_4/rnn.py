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
        ### BEGIN SOLUTION check the nonlinearity, draw weights and biases in torch's order
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f'nonlinearity must be "tanh" or "relu", not "{nonlinearity}"')
        bound = 1 / math.sqrt(hidden_size)
        self.weight_ih = Parameter(rng.uniform(-bound, bound, (hidden_size, input_size)))
        self.weight_hh = Parameter(rng.uniform(-bound, bound, (hidden_size, hidden_size)))
        self.bias_ih = Parameter(rng.uniform(-bound, bound, hidden_size)) if bias else None
        self.bias_hh = Parameter(rng.uniform(-bound, bound, hidden_size)) if bias else None
        ### END SOLUTION

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
        ### BEGIN SOLUTION check the shapes, project all inputs at once, go through time
        require_shape("x", x, ("N", "T", self.input_size))
        if x.shape[1] == 0:
            raise ValueError(f"x has shape {x.shape}: there must be at least 1 step")
        batch, steps, _ = x.shape

        # Time goes first inside: every step then works on one block of memory.
        self.inputs = x.swapaxes(0, 1).reshape(-1, self.input_size)
        pre = self.inputs @ self.weight_ih.data.T
        for bias in (self.bias_ih, self.bias_hh):
            if bias is not None:
                pre += bias.data
        pre = pre.reshape(steps, batch, self.hidden_size)

        # states[0] is h0, states[t + 1] is the state after step t.
        self.states = np.zeros((steps + 1, batch, self.hidden_size), dtype=pre.dtype)
        if h0 is not None:
            require_shape("h0", h0, (1, batch, self.hidden_size))
            self.states[0] = h0[0]
        for t in range(steps):
            pre[t] += self.states[t] @ self.weight_hh.data.T
            if self.nonlinearity == "tanh":
                np.tanh(pre[t], out=self.states[t + 1])
            else:
                np.maximum(pre[t], 0, out=self.states[t + 1])
        return self.states[1:].swapaxes(0, 1).copy(), self.states[-1:].copy()
        ### END SOLUTION

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
        ### BEGIN SOLUTION check the shapes, walk back through time for every δ_t, then the sums
        hidden = self.states[1:]
        steps, batch, size = hidden.shape
        require_shape("grad_output", grad_output, (batch, steps, size))
        if grad_h_n is not None:
            require_shape("grad_h_n", grad_h_n, (1, batch, size))
        # Both slopes can be read off the output of φ.
        slope = 1 - hidden**2 if self.nonlinearity == "tanh" else hidden > 0
        upstream = grad_output.swapaxes(0, 1)
        delta = np.empty_like(hidden)
        grad_state = np.zeros((batch, size)) if grad_h_n is None else grad_h_n[0]
        for t in reversed(range(steps)):
            delta[t] = (upstream[t] + grad_state) * slope[t]
            grad_state = delta[t] @ self.weight_hh.data

        rows = delta.reshape(-1, self.hidden_size)
        previous = self.states[:-1].reshape(-1, self.hidden_size)
        self.weight_ih.grad += rows.T @ self.inputs
        self.weight_hh.grad += rows.T @ previous
        for bias in (self.bias_ih, self.bias_hh):
            if bias is not None:
                bias.grad += rows.sum(axis=0)
        grad_x = (rows @ self.weight_ih.data).reshape(steps, batch, self.input_size)
        return grad_x.swapaxes(0, 1), grad_state[None]
        ### END SOLUTION
