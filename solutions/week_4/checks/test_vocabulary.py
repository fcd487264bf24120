"""Vocabulary: which token gets which id, and the way back."""

from functools import partial
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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3, needs="test_vocabulary_lookup")
def test_vocabulary_order(student, worker, parity, words, shuffled):
    """Vocabulary: equally frequent tokens, and the same ids for a text in another order"""
    a, b, c, d, e, f = words(6)
    counts = {e: 2, b: 2, f: 1, a: 1, d: 1, c: 3}
    expected = ["<pad>", "<unk>", c, b, e, a, d, f]
    for order in ("first", "second", "third"):
        vocabulary = student.vocabulary.Vocabulary(shuffled(counts))
        parity.equal(f"tokens, {order} order of the text", vocabulary.get_itos(), expected)
    first_last = [f, f, e, e, d, c, b, a]
    expected = ["<pad>", "<unk>", e, f, a, b, c, d]
    parity.equal("tokens", student.vocabulary.Vocabulary(first_last).get_itos(), expected)
    vocabulary = student.vocabulary.Vocabulary(worker.call("builtins.iter", first_last))
    parity.equal("tokens of an iterator", vocabulary.get_itos(), expected)
    capital = b.title()
    vocabulary = student.vocabulary.Vocabulary([a, capital, c], specials=())
    parity.equal("tokens with a capital", vocabulary.get_itos(), [capital, a, c])


@pytest.mark.check(weight=2, needs="test_vocabulary_lookup")
def test_vocabulary_min_freq(student, parity, words, shuffled):
    """Vocabulary: rare tokens left out"""
    a, b, c, d = words(4)
    text = shuffled({a: 1, b: 2, c: 3, d: 4})
    for min_freq, expected in ((1, [d, c, b, a]), (2, [d, c, b]), (3, [d, c]), (5, [])):
        vocabulary = student.vocabulary.Vocabulary(text, min_freq=min_freq)
        label = f"tokens with min_freq={min_freq}"
        parity.equal(label, vocabulary.get_itos(), ["<pad>", "<unk>", *expected])


@pytest.mark.check(weight=2, needs="test_vocabulary_lookup")
def test_vocabulary_specials(student, parity, words):
    """Vocabulary: other specials, which may also occur in the text"""
    a, b = words(2)
    specials = ("<unk>", "<eos>", "<pad>")
    vocabulary = student.vocabulary.Vocabulary(
        [a, "<eos>", "<eos>", "<eos>", b, b], specials=specials
    )
    parity.equal("tokens", vocabulary.get_itos(), [*specials, b, a])
    parity.equal("ids", vocabulary.lookup_indices([a, "<eos>", b]), [4, 1, 3])
    kept = parity.parts("specials", vocabulary.read("specials"), 3)
    parity.equal("specials", kept, specials)
    vocabulary = student.vocabulary.Vocabulary([a, b, b], specials=())
    parity.equal("tokens without specials", vocabulary.get_itos(), [b, a])


@pytest.mark.check(needs="test_vocabulary_lookup")
def test_vocabulary_without_unk(student, parity, words):
    """Vocabulary: an unknown token where nothing stands for unknown ones is a KeyError"""
    a, b = words(2)
    vocabulary = student.vocabulary.Vocabulary([a, a], specials=("<pad>",))
    call = partial(vocabulary.lookup_indices, [a, b])
    parity.refuses('an unknown token without "<unk>"', call, "a KeyError")


@pytest.mark.check(weight=2, needs="test_vocabulary_lookup")
def test_vocabulary_out_of_range(student, parity, words):
    """Vocabulary: ids that it doesn't have are an IndexError"""
    known = words(4)
    vocabulary = student.vocabulary.Vocabulary([known[2], *known])
    parity.equal("the token of id 2", vocabulary.lookup_token(2), known[2])
    for index in (-1, 6, 99):
        for name, argument in (("lookup_token", index), ("lookup_tokens", [2, index])):
            call = partial(getattr(vocabulary, name), argument)
            parity.refuses(f"{name} of the id {index}", call, "an IndexError")


@pytest.mark.check(needs="test_vocabulary_lookup")
def test_vocabulary_single_lookups(student, worker, parity, words):
    """Vocabulary: one token or one id at a time"""
    a, b, c = words(3)
    vocabulary = student.vocabulary.Vocabulary([a, a, b])
    ids = [worker.call("operator.getitem", vocabulary, word) for word in (a, b, c)]
    parity.equal("ids", ids, [2, 3, 1])
    tokens = [vocabulary.lookup_token(index) for index in range(4)]
    parity.equal("tokens", tokens, ["<pad>", "<unk>", a, b])


@pytest.mark.check(needs="test_vocabulary_lookup")
def test_vocabulary_tables(student, worker, parity, words):
    """Vocabulary: the list of tokens and its inverse fit each other, and are copies"""
    known = words(9)
    vocabulary = student.vocabulary.Vocabulary(known)
    tokens = ["<pad>", "<unk>", *known]
    inverse = {token: index for index, token in enumerate(tokens)}
    empty = worker.call("operator.methodcaller", "clear")
    for when in ("", " after a caller has emptied what was returned"):
        parity.equal(f"get_itos{when}", vocabulary.get_itos(), tokens)
        parity.equal(f"get_stoi{when}", vocabulary.get_stoi(), inverse)
        ids = list(inverse.values())
        parity.equal(f"tokens of all ids{when}", vocabulary.lookup_tokens(ids), tokens)
        parity.equal(f"number of tokens{when}", worker.call("builtins.len", vocabulary), 11)
        for name in ("get_itos", "get_stoi"):  # all in the worker: what comes here is a copy
            get = worker.call("operator.methodcaller", name)
            got = worker.call("builtins.map", get, [vocabulary])
            worker.call("builtins.list", worker.call("builtins.map", empty, got))


@pytest.mark.check(needs="test_vocabulary_lookup")
def test_vocabulary_empty(student, parity, words):
    """Vocabulary: no tokens at all"""
    (word,) = words(1)
    some = student.vocabulary.Vocabulary([word])
    parity.equal("tokens of another", some.get_itos(), ["<pad>", "<unk>", word])
    vocabulary = student.vocabulary.Vocabulary([])
    parity.equal("tokens", vocabulary.get_itos(), ["<pad>", "<unk>"])
    parity.equal("ids of nothing", vocabulary.lookup_indices([]), [])
    parity.equal("tokens of nothing", vocabulary.lookup_tokens([]), [])


@pytest.mark.check(needs="test_vocabulary_lookup")
def test_vocabulary_second_call(student, worker, parity, words):
    """Vocabulary: a second one knows nothing of the first; tokens and ids are read once"""
    a, b, c = words(3)
    once = worker.call("builtins.iter", [a, a, b])  # tokens that can be read once
    one, two = (student.vocabulary.Vocabulary(text) for text in (once, [c]))
    parity.equal("ids in the first", one.lookup_indices([a, b, c]), [2, 3, 1])
    parity.equal("ids in the second", two.lookup_indices([a, b, c]), [1, 1, 2])
    for name, given, expected in (
        ("lookup_indices", [a, b, c, b], [2, 3, 1, 3]),
        ("lookup_tokens", [3, 2, 1, 3], [b, a, "<unk>", b]),
    ):
        got = getattr(one, name)(worker.call("builtins.iter", given))
        parity.equal(f"{name} of an iterator", got, expected)


### END HIDDEN TESTS
