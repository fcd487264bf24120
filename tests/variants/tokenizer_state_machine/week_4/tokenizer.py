"""Character by character with a buffer; the batch is made with np.pad and stacked."""

import unicodedata

import numpy as np
from week_4.vocabulary import PAD, UNK, Vocabulary


class TokenizerError(ValueError):
    pass


class WordTokenizer:
    def __init__(self, vocabulary=None):
        if vocabulary is not None:
            for needed in (PAD, UNK):
                if needed not in vocabulary:
                    raise TokenizerError(f"the vocabulary must hold {needed}")
        self.vocabulary = vocabulary

    def _known(self):
        if self.vocabulary is None:
            raise TokenizerError("no vocabulary yet: call fit(texts) first")
        return self.vocabulary

    def tokenize(self, text):
        tokens, word = [], ""
        for character in unicodedata.normalize("NFC", text.lower()):
            if character.isspace():
                tokens, word = tokens + [word], ""
            elif unicodedata.category(character)[0] in {"P", "S"}:
                tokens, word = tokens + [word, character], ""
            else:
                word += character
        return [token for token in tokens + [word] if token]

    def fit(self, texts, min_freq=1):
        tokens = []
        for text in texts:
            tokens += self.tokenize(text)
        self.vocabulary = Vocabulary(tokens, min_freq=min_freq)
        return self

    def encode(self, text, max_length=None, padding=False):
        if padding and max_length is None:
            raise TokenizerError("padding without max_length")
        if max_length is not None and max_length < 0:
            raise TokenizerError(f"negative max_length: {max_length}")
        ids = []
        for token in self.tokenize(text):
            if max_length is not None and len(ids) == max_length:
                break
            ids.append(self._known()[token])
        while padding and len(ids) < max_length:
            ids.append(self._known()[PAD])
        self._known()
        return ids

    def decode(self, ids, skip_special_tokens=True):
        vocabulary, text = self._known(), ""
        for index in ids:
            token = vocabulary.lookup_token(index)
            special = token in (PAD, UNK) or token in vocabulary.specials
            if not (special and skip_special_tokens):
                text += " " + token
        return text[1:]

    def encode_batch(self, texts, max_length=None):
        pad = self._known()[PAD]
        rows = [np.array(self.encode(text, max_length), dtype=np.int64) for text in texts]
        if max_length is None:
            max_length = max([0] + [len(row) for row in rows])
        rows = [np.pad(row, (0, max_length - len(row)), constant_values=pad) for row in rows]
        return np.vstack(rows) if rows else np.empty((0, max_length), dtype=np.int64)

    def decode_batch(self, batch, skip_special_tokens=True):
        return list(map(lambda row: self.decode(row, skip_special_tokens), batch))
