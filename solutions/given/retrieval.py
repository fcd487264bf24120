"""A small model that can answer only by looking at the right place."""

from __future__ import annotations

from given.module import Array, Module


class Retrieval(Module):
    """Answers questions about a list of keys, each of which has a value.

    A question names a key, the answer is that key's value. Each of the three tables learns
    vectors of its own, so nothing tells the model in advance which key a question means.

    Args:
        attention: query (N, L, D), key and value (N, S, D) to a pair, the output (N, L, D) and
            the weights (N, L, S); its backward returns the gradients of all three.
        questions, keys, values: tables, ids (N, …) to vectors (N, …, D).
        linear: vectors (N, L, D) to logits (N, L, K), one for each possible value.
        places: S, the length of the list.
        is_causal: question i may look at the places 0 … i only.
    """

    def __init__(
        self,
        attention: Module,
        questions: Module,
        keys: Module,
        values: Module,
        linear: Module,
        places: int,
        is_causal: bool = False,
    ) -> None:
        self.attention, self.linear = attention, linear
        self.questions, self.keys, self.values = questions, keys, values
        self.places, self.is_causal = places, is_causal

    def forward(self, ids: Array) -> Array:
        """The logits of every answer.

        Args:
            ids: the S keys, the S values and the L questions, shape (N, S + S + L).
        Returns:
            Shape (N, L, K).
        """
        keys, values = ids[:, : self.places], ids[:, self.places : 2 * self.places]
        output, self.weights = self.attention.forward(
            self.questions.forward(ids[:, 2 * self.places :]),
            self.keys.forward(keys),
            self.values.forward(values),
            None,
            self.is_causal,
        )
        return self.linear.forward(output)

    def backward(self, grad_out: Array) -> None:
        """Adds to the gradients of all parameters; ids have none, so nothing is returned.

        Args:
            grad_out: dL/d(logits), shape (N, L, K).
        """
        grads = self.attention.backward(self.linear.backward(grad_out))
        for table, grad in zip((self.questions, self.keys, self.values), grads, strict=True):
            table.backward(grad)

    def attend(self, ids: Array) -> Array:
        """The weights with which each question looks at each place.

        Args:
            ids: as for forward, shape (N, S + S + L).
        Returns:
            Shape (N, L, S).
        """
        self.forward(ids)
        return self.weights
