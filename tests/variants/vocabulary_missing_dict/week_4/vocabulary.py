"""A dict subclass whose __missing__ knows the default; groups of equal frequency filled from a deque."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Sequence

PAD = "<pad>"
UNK = "<unk>"


class _Ids(dict):
    def __missing__(self, token):
        if token == UNK:
            raise KeyError(f"no {UNK} in this vocabulary")
        return self[UNK]


class Vocabulary:
    def __init__(self, tokens: Iterable[str], min_freq: int = 1, specials: Sequence[str] = (PAD, UNK)):
        self.specials = specials
        groups = defaultdict(set)
        for token, count in Counter(tokens).items():
            groups[count].add(token)
        queue = deque(specials)
        for count in sorted(groups, reverse=True):
            if count >= min_freq:
                queue.extend(sorted(groups[count] - set(specials)))
        self.itos: list[str] = []
        self.stoi = _Ids()
        while queue:
            token = queue.popleft()
            self.stoi[token] = len(self.itos)
            self.itos.append(token)

    def __len__(self) -> int:
        return len(self.itos)

    def __contains__(self, token: str) -> bool:
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        return self.stoi[token]

    def lookup_indices(self, tokens: Iterable[str]) -> list[int]:
        return [*map(self.stoi.__getitem__, tokens)]

    def lookup_token(self, index: int) -> str:
        if index in range(len(self)):
            return self.itos[index]
        raise IndexError(f"id {index} is not in 0 … {len(self) - 1}")

    def lookup_tokens(self, indices: Iterable[int]) -> list[str]:
        return [self.lookup_token(i) for i in indices]

    def get_itos(self) -> list[str]:
        return self.itos.copy()

    def get_stoi(self) -> dict[str, int]:
        return dict(self.stoi.items())
