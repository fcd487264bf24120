"""What goes wrong with one argument of a class, or in one mode, is found by the check of that."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from grader_course import REPOSITORY

from autograder.results import CheckResult

# Week and module, what stands there and what takes its place, and the check that fails.
SLIPS = {
    "linear-without-a-bias-in-float64": (
        *(1, "linear", "            y += self.bias.data\n"),
        "            y += self.bias.data\n        else:\n            y = y + np.zeros(1)\n",
        "test_linear_other_forms",
    ),
    "softmax-ruins-what-it-keeps": (
        *(1, "activations", "        return self.y * (grad_out - inner)"),
        "        self.y *= grad_out - inner if self.dim == 0 else 1\n"
        "        return self.y if self.dim == 0 else self.y * (grad_out - inner)",
        "test_softmax_other_forms",
    ),
    "kernels-without-a-bias-get-no-gradient": (
        *(2, "conv", "self.weight.grad += products.sum(axis=0)"),
        "self.weight.grad += (self.bias is not None) * products.sum(axis=0)",
        "test_conv2d_other_forms",
    ),
    "ties-of-windows-that-overlap": (
        *(2, "pooling", "left -= share"),
        "left -= share * (self.stride == self.kernel_size)",
        "test_max_pool2d_other_forms",
    ),
    "nesterov-in-float64": (
        *(3, "optim", "parameter.data -= self.lr * direction"),
        "parameter.data = parameter.data - (np.float64 if self.nesterov else float)(self.lr)"
        " * direction",
        "test_sgd_other_forms",
    ),
    "dropout-of-pairs": (
        *(3, "dropout", "keep = self.rng.random(x.shape) >= self.p"),
        "keep = np.repeat(self.rng.random((*x.shape[:-1], (x.shape[-1] + 1) // 2)), 2, -1)"
        "[..., : x.shape[-1]] >= self.p",
        "test_dropout_forward",
    ),
    "relu-without-gradients-of-its-weights": (
        *(4, "rnn", "self.weight_hh.grad += rows.T @ previous"),
        'self.weight_hh.grad += (self.nonlinearity == "tanh") * rows.T @ previous',
        "test_rnn_other_forms",
    ),
    "evaluation-without-weights-does-nothing": (
        *(5, "normalization", "* self.inv_std[:, None]  # (N, C, L)\n"),
        "* self.inv_std[:, None]\n        if not self.training and self.weight is None:\n"
        "            return x.copy()\n",
        "test_batch_norm2d_other_forms",
    ),
    "causal-with-three-axes-only": (
        *(6, "attention", "        if is_causal:\n"),
        "        if is_causal and scores.ndim == 3:\n",
        "test_scaled_dot_product_attention_other_forms",
    ),
}


@pytest.mark.parametrize(
    ("week", "module", "right", "wrong", "check"), SLIPS.values(), ids=SLIPS.keys()
)
def test_slip_with_one_argument_fails_the_check_of_it(
    week: int,
    module: str,
    right: str,
    wrong: str,
    check: str,
    changed: Callable[..., list[CheckResult]],
) -> None:
    text = (REPOSITORY / f"solutions/week_{week}/{module}.py").read_text(encoding="utf-8")
    assert 1 == text.count(right)
    checks = changed(week, {module: text.replace(right, wrong)}, [module])
    failed = [one.id.partition("::")[2] for one in checks if one.verdict in ("failed", "error")]
    assert check in failed
    assert len(failed) <= 3
