"""Word tokenizer: from text to ids for a network, and back.

    "A cat!" → a cat ! → [3, 4, 2]

Tokens are words and punctuation marks; a vocabulary numbers them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

import numpy as np
from given.module import Array
from week_4.vocabulary import PAD, UNK, Vocabulary


class WordTokenizer:
    """Splits text into lower-case words and single punctuation marks, and numbers them.

    Args:
        vocabulary: holds "<pad>" and "<unk>"; without one, `fit` builds it.
    Raises:
        ValueError: the vocabulary lacks "<pad>" or "<unk>".
    """

    def __init__(self, vocabulary: Vocabulary | None = None) -> None:
        if vocabulary is not None and not (PAD in vocabulary and UNK in vocabulary):
            raise ValueError(f'the vocabulary must hold "{PAD}" and "{UNK}"')
        self.vocabulary = vocabulary

    def _known(self) -> Vocabulary:
        if self.vocabulary is None:
            raise ValueError("no vocabulary yet: call fit(texts) first")
        return self.vocabulary

    def tokenize(self, text: str) -> list[str]:
        """The tokens of a text.

        1. Lower case, then Unicode's normal form NFC: "É" is one character, whether it was
           typed as one or as "E" and an accent.
        2. Every punctuation mark and symbol (Unicode categories P and S) is a token.
        3. So is every longest run of other characters without white space between them.

        "Don't stop, 3.5%!" → don ' t stop , 3 . 5 % !
        """
        ### BEGIN SOLUTION normalise, set punctuation apart, split at white space
        text = unicodedata.normalize("NFC", text.lower())
        return "".join(f" {c} " if unicodedata.category(c)[0] in "PS" else c for c in text).split()
        ### END SOLUTION

    def fit(self, texts: Iterable[str], min_freq: int = 1) -> WordTokenizer:
        """Build the vocabulary from all tokens of the texts; returns the tokenizer itself.

        A second fit starts anew: nothing of the first vocabulary is left.
        """
        ### BEGIN SOLUTION one vocabulary over the tokens of all texts
        tokens = [token for text in texts for token in self.tokenize(text)]
        self.vocabulary = Vocabulary(tokens, min_freq=min_freq)
        return self
        ### END SOLUTION

    def encode(self, text: str, max_length: int | None = None, padding: bool = False) -> list[int]:
        """The ids of a text's tokens.

        Args:
            text: may be empty.
            max_length: ids beyond this number are cut off at the end.
            padding: fill up at the end to exactly max_length with the id of "<pad>".
        Raises:
            ValueError: max_length is negative; padding without max_length; no vocabulary.
        """
        ### BEGIN SOLUTION look up, cut off, fill up
        vocabulary = self._known()
        ids = vocabulary.lookup_indices(self.tokenize(text))
        if max_length is None:
            if padding:
                raise ValueError("padding needs a max_length")
            return ids
        if max_length < 0:
            raise ValueError(f"max_length must be at least 0, not {max_length}")
        filler = [vocabulary[PAD]] if padding else []
        return ids[:max_length] + filler * (max_length - len(ids))
        ### END SOLUTION

    def decode(self, ids: Iterable[int], skip_special_tokens: bool = True) -> str:
        """The tokens of the ids with one space between them; "" for no ids.

        Args:
            ids: ids of the vocabulary; an iterator too, or an array of any integer dtype.
            skip_special_tokens: leave out "<pad>", "<unk>" and the vocabulary's other specials.
        Raises:
            IndexError: an id that the vocabulary doesn't have.
        """
        ### BEGIN SOLUTION look up, drop the special tokens if asked, join
        vocabulary = self._known()
        tokens = vocabulary.lookup_tokens(ids)
        if skip_special_tokens:
            tokens = [token for token in tokens if token not in vocabulary.specials]
        return " ".join(tokens)
        ### END SOLUTION

    def encode_batch(self, texts: Sequence[str], max_length: int | None = None) -> Array:
        """The ids of several texts as one array, short ones padded at the end.

        Args:
            texts: N texts.
            max_length: T, number of columns; the longest text's number of tokens if None.
        Returns:
            int64, shape (N, T).
        """
        ### BEGIN SOLUTION encode every text, find T, fill an array of padding with the ids
        encoded = [self.encode(text, max_length) for text in texts]
        longest = max((len(ids) for ids in encoded), default=0)
        length = longest if max_length is None else max_length
        batch = np.full((len(encoded), length), self._known()[PAD])
        for row, ids in enumerate(encoded):
            batch[row, : len(ids)] = ids
        return batch
        ### END SOLUTION

    def decode_batch(self, batch: Array, skip_special_tokens: bool = True) -> list[str]:
        """The text of every row of ids, as `decode` gives it.

        Args:
            batch: integers, shape (N, T).
        """
        ### BEGIN SOLUTION one text per row
        return [self.decode(ids, skip_special_tokens) for ids in batch]
        ### END SOLUTION
