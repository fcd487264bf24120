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
        # TODO count, sort, leave out the rare ones, number the rest
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.__init__")

    def __len__(self) -> int:
        return len(self.itos)

    def __contains__(self, token: str) -> bool:
        return token in self.stoi

    def __getitem__(self, token: str) -> int:
        """The id of a token; that of "<unk>" if the vocabulary doesn't hold it.

        Raises:
            KeyError: the token is unknown, and so is "<unk>".
        """
        # TODO the token's id, else that of the token for unknown ones
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.__getitem__")

    def lookup_indices(self, tokens: Iterable[str]) -> list[int]:
        """The id of every token, as `vocabulary[token]` gives it; an iterator is read once."""
        # TODO one id per token, repetitions and unknown ones included
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.lookup_indices")

    def lookup_token(self, index: int) -> str:
        """The token with this id.

        Raises:
            IndexError: the id is negative, or as large as the vocabulary or larger.
        """
        # TODO check the range, look it up
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.lookup_token")

    def lookup_tokens(self, indices: Iterable[int]) -> list[str]:
        """The token of every id, as `lookup_token` gives it; an iterator is read once."""
        # TODO one token per id
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.lookup_tokens")

    def get_itos(self) -> list[str]:
        """A copy of the list of tokens, in the order of their ids."""
        # TODO "index to string"
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.get_itos")

    def get_stoi(self) -> dict[str, int]:
        """A copy of the map from tokens to ids."""
        # TODO "string to index"
        raise NotImplementedError("week_4/vocabulary.py: Vocabulary.get_stoi")
