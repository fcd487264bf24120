"""Counts with a plain dict, sorts twice (Python's sort is stable), specials kept as they were given."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

PAD = "<pad>"
UNK = "<unk>"


class Vocabulary:
    def __init__(
        self,
        tokens: Iterable[str],
        min_freq: int = 1,
        specials: Sequence[str] = (PAD, UNK),
    ) -> None:
        self.specials = specials
        counts: dict[str, int] = {}
        for token in tokens:
            counts[token] = counts.get(token, 0) + 1
        for special in specials:
            counts.pop(special, None)
        words = sorted(word for word, count in counts.items() if count >= min_freq)
        words.sort(key=counts.get, reverse=True)  # reverse keeps ties in their order
        self.itos = list(specials) + words
        self.stoi = {token: index for index, token in enumerate(self.itos)}

    def __len__(self) -> int:
        return len(self.itos)

    def __contains__(self, token: str) -> bool:
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        try:
            return self.stoi[token]
        except KeyError:
            return self.stoi[UNK]

    def lookup_indices(self, tokens: Iterable[str]) -> list[int]:
        return [self[token] for token in tokens]

    def lookup_token(self, index: int) -> str:
        if index < 0:
            raise IndexError(f"no token has the id {index}")
        return self.itos[index]

    def lookup_tokens(self, indices: Iterable[int]) -> list[str]:
        return [self.lookup_token(index) for index in indices]

    def get_itos(self) -> list[str]:
        return self.itos[:]

    def get_stoi(self) -> dict[str, int]:
        return {**self.stoi}
