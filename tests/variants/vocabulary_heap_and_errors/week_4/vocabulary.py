"""A heap of (-count, token); error classes of its own below KeyError and IndexError; one map only, the list a property."""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

PAD = "<pad>"
UNK = "<unk>"


class UnknownToken(KeyError):
    """Neither this token nor the one for unknown tokens is known."""


class NoSuchId(IndexError):
    def __init__(self, index: int, size: int) -> None:
        super().__init__(f"id {index} of {size}")


class Vocabulary:
    def __init__(
        self, tokens: Iterable[str], min_freq: int = 1, specials: Sequence[str] = (PAD, UNK)
    ) -> None:
        self.specials = specials
        number = itertools.count()
        self.stoi = {token: next(number) for token in dict.fromkeys(specials)}
        for token in self._by_frequency(Counter(tokens), min_freq):
            if token not in self.stoi:
                self.stoi[token] = next(number)

    @staticmethod
    def _by_frequency(counts: Counter[str], min_freq: int) -> Iterator[str]:
        heap = [(-count, token) for token, count in counts.items() if count >= min_freq]
        heapq.heapify(heap)
        while heap:
            yield heapq.heappop(heap)[1]

    @property
    def itos(self) -> tuple[str, ...]:
        return tuple(self.stoi)  # a dict keeps the order in which it was filled

    def __len__(self) -> int:
        return len(self.itos)

    def __contains__(self, token: str) -> bool:
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        index = self.stoi.get(token, self.stoi.get(UNK))
        if index is None:
            raise UnknownToken(token)
        return index

    def lookup_indices(self, tokens: Iterable[str]) -> list[int]:
        return list(map(self.__getitem__, tokens))

    def lookup_token(self, index: int) -> str:
        return self.lookup_tokens([index])[0]

    def lookup_tokens(self, indices: Iterable[int]) -> list[str]:
        table = self.itos
        result = []
        for index in indices:
            if not 0 <= index < len(table):
                raise NoSuchId(index, len(table))
            result.append(table[index])
        return result

    def get_itos(self) -> list[str]:
        return list(self.itos)

    def get_stoi(self) -> dict[str, int]:
        return dict(self.stoi)
