"""itertools.groupby over the kinds of characters; islice cuts off, repeat fills up, np.fromiter makes the batch."""

from __future__ import annotations

from itertools import chain, groupby, islice, repeat
from unicodedata import category, normalize

import numpy as np
from week_4.vocabulary import PAD, UNK, Vocabulary


def _kind(character: str) -> str:
    if category(character)[0] in "PS":
        return "mark"
    return "space" if not character.strip() else "word"


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
        tokens: list[str] = []
        for kind, run in groupby(normalize("NFC", text.lower()), key=_kind):
            if kind == "mark":
                tokens.extend(run)
            elif kind == "word":
                tokens.append("".join(run))
        return tokens

    def fit(self, texts, min_freq: int = 1):
        self.vocabulary = Vocabulary(chain(*(self.tokenize(text) for text in texts)), min_freq)
        return self

    def encode(self, text: str, max_length: int | None = None, padding: bool = False) -> list[int]:
        vocabulary = self._known()
        if (max_length or 0) < 0 or (padding and max_length is None):
            raise ValueError(f"max_length={max_length} with padding={padding}")
        tokens = chain(self.tokenize(text), repeat(PAD, max_length if padding else 0))
        return vocabulary.lookup_indices(islice(tokens, max_length))

    def decode(self, ids, skip_special_tokens: bool = True) -> str:
        tokens = self._known().lookup_tokens(ids)
        if skip_special_tokens:
            special = (PAD, UNK, *self._known().specials)
            tokens = filter(lambda token: token not in special, tokens)
        return " ".join(tokens)

    def encode_batch(self, texts, max_length: int | None = None):
        self._known()
        if max_length is None:
            max_length = max((len(self.tokenize(text)) for text in texts), default=0)
        rows = (self.encode(text, max_length, padding=True) for text in texts)
        return np.fromiter(chain.from_iterable(rows), np.int64).reshape(len(texts), max_length)

    def decode_batch(self, batch, skip_special_tokens: bool = True) -> list[str]:
        return [self.decode(row, skip_special_tokens) for row in batch]
