"""Vocabulary: which token gets which id, and the way back."""

from string import ascii_lowercase

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
def test_vocabulary_lookup(student, parity, words, shuffled):
    """Vocabulary: specials first, then the most frequent tokens"""
    a, b, c, d, e = words(5)
    text = shuffled({a: 3, b: 6, c: 1, d: 5, e: 4})
    vocabulary = student.vocabulary.Vocabulary(text)
    parity.equal("ids", vocabulary.lookup_indices([a, b, c, d, e]), [5, 2, 6, 3, 4])
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
def test_vocabulary_unknown(student, parity, words):
    """Vocabulary: tokens that it doesn't hold"""
    a, b, c = words(3)
    vocabulary = student.vocabulary.Vocabulary([a, a, b])
    parity.equal("ids", vocabulary.lookup_indices([a, c, b, c]), [2, 1, 3, 1])
    specials = ("<pad>", "<bos>", "<unk>")
    vocabulary = student.vocabulary.Vocabulary([a, b], specials=specials)
    parity.equal('ids with "<unk>" in third place', vocabulary.lookup_indices([c, b]), [2, 4])
