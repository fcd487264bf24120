"""Vocabulary: the one-to-one map between tokens and ids.

    the tokens b a b → <pad> 0, <unk> 1, b 2, a 3

The ids are the rows of an Embedding, so they are 0, 1, 2, … without a gap.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

PAD = "<pad>"  # fills up short sequences
UNK = "<unk>"  # stands for every token that the vocabulary doesn't hold


class Vocabulary:
    """Tokens numbered 0, 1, 2, …: first the specials, then the others by frequency.

    The order is the same for the same tokens, in whatever order they come: specials as
    given, then from the most to the least frequent, equally frequent ones alphabetically
    (by code point, as Python compares strings). A special that also occurs among the tokens
    is listed once, at its place among the specials.

    Args:
        tokens: all tokens of the text, with repetitions; an iterator too, which can be read once.
        min_freq: tokens that occur less often are left out; specials never are.
        specials: tokens with a meaning of their own; kept as the attribute `specials`.
    Parity: torchtext.vocab.Vocab, built by build_vocab_from_iterator; the default index is
        that of "<unk>".
    """

    def __init__(
        self,
        tokens: Iterable[str],
        min_freq: int = 1,
        specials: Sequence[str] = (PAD, UNK),
    ) -> None:
        ### BEGIN SOLUTION count, sort, leave out the rare ones, number the rest
        self.specials = specials
        counts = Counter(tokens)
        # The key is unique for every token, so the order of the text has no influence.
        ordered = sorted(counts, key=lambda token: (-counts[token], token))
        frequent = [token for token in ordered if counts[token] >= min_freq]
        # A dict keeps the first place of every key: a special in the text isn't listed twice.
        self.itos = list(dict.fromkeys([*specials, *frequent]))
        self.stoi = {token: index for index, token in enumerate(self.itos)}
        ### END SOLUTION

    def __len__(self) -> int:
        return len(self.itos)

    def __contains__(self, token: str) -> bool:
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        """The id of a token; that of "<unk>" if the vocabulary doesn't hold it.

        Raises:
            KeyError: the token is unknown, and so is "<unk>".
        """
        ### BEGIN SOLUTION the token's id, else that of the token for unknown ones
        if token in self.stoi:
            return self.stoi[token]
        if UNK in self.stoi:
            return self.stoi[UNK]
        raise KeyError(f'no token "{token}", and no "{UNK}" to stand for it')
        ### END SOLUTION

    def lookup_indices(self, tokens: Iterable[str]) -> list[int]:
        """The id of every token, as `vocabulary[token]` gives it; an iterator is read once."""
        ### BEGIN SOLUTION one id per token, repetitions and unknown ones included
        return [self[token] for token in tokens]
        ### END SOLUTION

    def lookup_token(self, index: int) -> str:
        """The token with this id.

        Raises:
            IndexError: the id is negative, or as large as the vocabulary or larger.
        """
        ### BEGIN SOLUTION check the range, look it up
        if index < 0:  # Python would count from the end; what is too large it refuses itself
            raise IndexError(f"id {index} is negative")
        return self.itos[index]
        ### END SOLUTION

    def lookup_tokens(self, indices: Iterable[int]) -> list[str]:
        """The token of every id, as `lookup_token` gives it; an iterator is read once."""
        ### BEGIN SOLUTION one token per id
        return [self.lookup_token(index) for index in indices]
        ### END SOLUTION

    def get_itos(self) -> list[str]:
        """A copy of the list of tokens, in the order of their ids."""
        ### BEGIN SOLUTION "index to string"
        return list(self.itos)
        ### END SOLUTION

    def get_stoi(self) -> dict[str, int]:
        """A copy of the map from tokens to ids."""
        ### BEGIN SOLUTION "string to index"
        return dict(self.stoi)
        ### END SOLUTION
