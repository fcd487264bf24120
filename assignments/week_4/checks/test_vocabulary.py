"""Vocabulary: which token gets which id, and the way back."""

from string import ascii_lowercase

import numpy as np
import pytest


@pytest.fixture
def words(rng):
    """`words(5)`: so many different words, in alphabetical order."""

    def draw(count):
        found = set()
        while len(found) < count:
            letters = rng.integers(26, size=rng.integers(2, 9))
            found.add("".join(ascii_lowercase[letter] for letter in letters))
        return sorted(found)

    return draw


@pytest.fixture
def shuffled(rng):
    """`shuffled({"b": 2, "a": 1})`: a text in which b occurs twice and a once, in any order."""

    def draw(counts):
        tokens = [word for word, count in counts.items() for _ in range(count)]
        return [tokens[i] for i in rng.permutation(len(tokens))]

    return draw


@pytest.mark.check(weight=3)
def test_vocabulary_lookup(student, rng, parity, words, shuffled):
    """Vocabulary: specials first, then the most frequent tokens"""
    known, places = words(5), np.roll((3, 0, 4, 1, 2), rng.integers(5)).tolist()
    text = shuffled({word: 6 - place for word, place in zip(known, places, strict=True)})
    vocabulary = student.vocabulary.Vocabulary(text)
    asked = [*range(5), *rng.integers(5, size=10).tolist()]
    got = vocabulary.lookup_indices([known[i] for i in asked])
    parity.equal("ids", got, [2 + places[i] for i in asked])
    parity.equal("ids of specials", vocabulary.lookup_indices(["<pad>", "<unk>"]), [0, 1])


@pytest.mark.check(weight=3, needs="test_vocabulary_lookup")
def test_vocabulary_round_trip(student, rng, parity, words):
    """Vocabulary: from tokens to ids and back, repetitions included"""
    known = words(12)
    vocabulary = student.vocabulary.Vocabulary(known)
    text = [known[i] for i in rng.integers(12, size=30)]
    text += text[:2]
    back = vocabulary.lookup_tokens(vocabulary.lookup_indices(text))
    parity.equal("tokens", back, text)


@pytest.mark.check(weight=2, needs="test_vocabulary_lookup")
def test_vocabulary_unknown(student, rng, parity, words):
    """Vocabulary: tokens that it doesn't hold"""
    a, b, c = words(3)
    vocabulary = student.vocabulary.Vocabulary([a, a, b])
    asked = [0, 2, 1, 2, *rng.integers(3, size=10).tolist()]
    got = vocabulary.lookup_indices([(a, b, c)[i] for i in asked])
    parity.equal("ids", got, [(2, 3, 1)[i] for i in asked])
    specials = ("<pad>", "<bos>", "<unk>")
    vocabulary = student.vocabulary.Vocabulary([a, b], specials=specials)
    parity.equal('ids with "<unk>" in third place', vocabulary.lookup_indices([c, b]), [2, 4])
    vocabulary = student.vocabulary.Vocabulary([a, b], specials=("<unk>",))
    parity.equal('ids with "<unk>" in first place', vocabulary.lookup_indices([c, b]), [0, 2])
