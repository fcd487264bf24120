"""A regular expression puts blanks around every mark; batches through zip_longest."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from given.module import Array
from week_4.vocabulary import PAD, UNK, Vocabulary

_NOT_ALPHANUMERIC = re.compile(r"[^\w\s]|_")


def _apart(match: re.Match[str]) -> str:
    character = match.group()
    return f" {character} " if unicodedata.category(character)[0] in "PS" else character


class WordTokenizer:
    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        if vocabulary is not None and not (PAD in vocabulary and UNK in vocabulary):
            raise ValueError(f'the vocabulary must hold "{PAD}" and "{UNK}"')
        self.vocabulary = vocabulary

    def _known(self) -> Vocabulary:
        if self.vocabulary is None:
            raise ValueError("no vocabulary yet: call fit(texts) first")
        return self.vocabulary

    def tokenize(self, text: str) -> list[str]:
        text = unicodedata.normalize("NFC", text.lower())
        return _NOT_ALPHANUMERIC.sub(_apart, text).split()

    def fit(self, texts: Iterable[str], min_freq: int = 1) -> WordTokenizer:
        tokens = itertools.chain.from_iterable(map(self.tokenize, texts))
        self.vocabulary = Vocabulary(tokens, min_freq)
        return self

    def encode(self, text: str, max_length: int | None = None, padding: bool = False) -> list[int]:
        if padding and max_length is None:
            raise ValueError("padding needs a max_length")
        if max_length is not None and max_length < 0:
            raise ValueError(f"max_length must be at least 0, not {max_length}")
        ids = self._known().lookup_indices(self.tokenize(text))[:max_length]
        if padding:
            ids += [self._known()[PAD]] * (max_length - len(ids))
        return ids

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        tokens = self._known().lookup_tokens(ids)
        if skip_special_tokens:
            special = {PAD, UNK}.union(self._known().specials)
            tokens = [token for token in tokens if token not in special]
        return " ".join(tokens)

    def encode_batch(self, texts: Sequence[str], max_length: int | None = None) -> Array:
        if max_length is not None:
            rows = [self.encode(text, max_length, padding=True) for text in texts]
            return np.array(rows, dtype=np.int64).reshape(len(texts), max_length)
        columns = itertools.zip_longest(*map(self.encode, texts), fillvalue=self._known()[PAD])
        table = np.array(list(columns), dtype=np.int64)
        return table.reshape(-1, len(texts)).T if len(texts) else np.zeros((0, 0), np.int64)

    def decode_batch(self, batch: Array, skip_special_tokens: bool = True) -> list[str]:
        return [self.decode(row.tolist(), skip_special_tokens) for row in batch]
