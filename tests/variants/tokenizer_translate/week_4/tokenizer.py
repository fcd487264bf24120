"""str.translate with a table that fills itself in through __missing__; np.full for batches."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from given.module import Array
from week_4.vocabulary import PAD, UNK, Vocabulary


class _SpacedMarks(dict):
    def __missing__(self, code: int) -> str:
        character = chr(code)
        mark = unicodedata.category(character).startswith(("P", "S"))
        self[code] = f" {character} " if mark else character
        return self[code]


class WordTokenizer:
    _marks = _SpacedMarks()

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        if vocabulary is not None and not (PAD in vocabulary and UNK in vocabulary):
            raise ValueError(f'the vocabulary must hold "{PAD}" and "{UNK}"')
        self.vocabulary = vocabulary

    def _known(self) -> Vocabulary:
        if self.vocabulary is None:
            raise ValueError("no vocabulary yet: call fit(texts) first")
        return self.vocabulary

    def tokenize(self, text: str) -> list[str]:
        return unicodedata.normalize("NFC", text.lower()).translate(self._marks).split()

    def fit(self, texts: Iterable[str], min_freq: int = 1) -> WordTokenizer:
        self.vocabulary = Vocabulary(
            tokens=(token for text in texts for token in self.tokenize(text)), min_freq=min_freq
        )
        return self

    def encode(self, text: str, max_length: int | None = None, padding: bool = False) -> list[int]:
        if max_length is None:
            if padding:
                raise ValueError("padding=True, but up to which max_length?")
        elif max_length < 0:
            raise ValueError(f"max_length is {max_length}")
        vocabulary = self._known()
        tokens = self.tokenize(text)
        if max_length is not None:
            tokens = tokens[:max_length]
            tokens.extend([PAD] * (max_length - len(tokens)) if padding else [])
        return vocabulary.lookup_indices(tokens)

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        vocabulary = self._known()
        hidden = {PAD, UNK, *vocabulary.specials} if skip_special_tokens else ()
        words = (vocabulary.lookup_token(int(index)) for index in ids)
        return " ".join(word for word in words if word not in hidden)

    def encode_batch(self, texts: Sequence[str], max_length: int | None = None) -> Array:
        rows = [self.encode(text, max_length) for text in texts]
        width = max((len(row) for row in rows), default=0) if max_length is None else max_length
        batch = np.full((len(rows), width), self._known()[PAD], dtype="int64")
        for number, row in enumerate(rows):
            batch[number, : len(row)] = row
        return batch

    def decode_batch(self, batch: Array, skip_special_tokens: bool = True) -> list[str]:
        return [self.decode(row, skip_special_tokens) for row in np.asarray(batch)]
