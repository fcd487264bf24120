"""Ada's masking: positions are looked up once, then everything happens on flat arrays."""

import numpy as np
from given.module import Module
from given.shapes import require_shape

IGNORED = -100


def mask_tokens(ids, vocab_size, mask_id, rng, special_ids=(), probability=0.15):
    if ids.dtype.kind not in "iu":
        raise TypeError(f"whole numbers, please, not {ids.dtype}")
    if ids.size and not (0 <= ids.min() and ids.max() < vocab_size):
        raise IndexError(f"there are {vocab_size} tokens, the ids go from {ids.min()} to {ids.max()}")
    if probability < 0 or probability > 1:
        raise ValueError(f"{probability} is no probability")
    special = np.zeros(vocab_size, bool)
    special[list(special_ids)] = True
    candidates = np.flatnonzero(~special[ids.ravel()])
    chosen = candidates[rng.random(len(candidates)) < probability]
    inputs, labels = ids.flatten(), np.full(ids.size, IGNORED, np.int64)
    labels[chosen] = inputs[chosen]
    # 0 ... 7 of ten: the mask; 8: another token; 9: nothing happens
    dice = rng.integers(10, size=len(chosen))
    inputs[chosen[dice < 8]] = mask_id
    special[mask_id] = True
    ordinary, where = np.flatnonzero(~special), chosen[dice == 8]
    inputs[where] = ordinary[rng.integers(len(ordinary), size=len(where))]
    return inputs.reshape(ids.shape), labels.reshape(ids.shape)


class MaskedCrossEntropyLoss(Module):
    """With weights of 1 / M and 0 instead of picking rows, and its own log-softmax."""

    def forward(self, input, target):
        require_shape("target", target, input.shape[:-1])
        asked = target != IGNORED
        if target.dtype.kind not in "iu":
            raise ValueError("labels are whole numbers")
        if not asked.any():
            raise ValueError("nothing is asked for")
        if not ((target[asked] >= 0) & (target[asked] < input.shape[-1])).all():
            raise ValueError("a label is no token")
        token = np.where(asked, target, 0)[..., None]
        shifted = input - input.max(axis=-1, keepdims=True)
        log_softmax = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
        self.weights = (asked / asked.sum())[..., None].astype(input.dtype)
        self.grad = np.exp(log_softmax)
        np.put_along_axis(
            self.grad, token, np.take_along_axis(self.grad, token, -1) - 1, axis=-1
        )
        return -(self.weights * np.take_along_axis(log_softmax, token, -1)).sum()

    def backward(self, grad_out=1.0):
        require_shape("grad_out", grad_out, ())
        return self.grad * self.weights * self.grad.dtype.type(grad_out)
