"""Models put together from layers of several weeks, where Sequential isn't enough."""

from __future__ import annotations

from given.module import Array, Module


class LanguageModel(Module):
    """Predicts the next word of a text, after every word of it.

    Args:
        embedding: ids (N, T) to vectors (N, T, D).
        recurrent: vectors (N, T, D) to a pair, the states (N, T, H) and the last of them;
            its backward returns the gradients of the vectors and of the initial state.
        linear: states (N, T, H) to logits (N, T, V), one for each word of the vocabulary.
    """

    def __init__(self, embedding: Module, recurrent: Module, linear: Module) -> None:
        self.embedding, self.recurrent, self.linear = embedding, recurrent, linear

    def forward(self, ids: Array) -> Array:
        """The logits of the word after each position.

        Args:
            ids: integers, shape (N, T).
        Returns:
            Shape (N, T, V); those at position t depend on the words up to t alone.
        """
        states, _ = self.recurrent.forward(self.embedding.forward(ids))
        return self.linear.forward(states)

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(logits), shape (N, T, V).
        """
        grad_vectors, _ = self.recurrent.backward(self.linear.backward(grad_out))
        self.embedding.backward(grad_vectors)


class EveryStep(Module):
    """A loss over sequences: the given loss over all steps, as if each were an example.

    Args:
        loss: takes logits (N, K) and targets (N,), such as CrossEntropyLoss.
    """

    def __init__(self, loss: Module) -> None:
        self.loss = loss

    def forward(self, input: Array, target: Array) -> float:
        """The loss of all steps.

        Args:
            input: logits, shape (N, T, K).
            target: the right class at every step, integers, shape (N, T).
        Returns:
            The loss, one number.
        """
        self.input_shape = input.shape
        return self.loss.forward(input.reshape(-1, input.shape[-1]), target.reshape(-1))

    def backward(self, grad_out: float = 1.0) -> Array:
        """Gradient of the loss with respect to the logits.

        Args:
            grad_out: dL/d(this loss), one number; 1 if nothing comes after.
        Returns:
            dL/d(input), shape (N, T, K).
        """
        return self.loss.backward(grad_out).reshape(self.input_shape)
