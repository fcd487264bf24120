"""WordTokenizer: from text to tokens, from tokens to ids, and back."""

from string import ascii_lowercase

import pytest

LOOKUP = "test_vocabulary_lookup"
TOKENIZE = "test_word_tokenizer_tokenize"


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
def fitted(student):
    """A tokenizer with the vocabulary of some texts."""

    def make(texts, **options):
        tokenizer = student.tokenizer.WordTokenizer()
        tokenizer.fit(texts, **options)
        return tokenizer

    return make


@pytest.mark.check(weight=3)
def test_word_tokenizer_tokenize(student, rng, parity, words):
    """WordTokenizer: words, in lower case"""
    tokenizer = student.tokenizer.WordTokenizer()
    got = tokenizer.tokenize("The Cat  sat\non\tMATS")
    parity.equal("tokens", got, ["the", "cat", "sat", "on", "mats"])
    expected = words(12)
    text = " "
    for word in expected:
        cased = (word, word.upper(), word.capitalize())[rng.integers(3)]
        text += cased + (" ", "  ", "\n", "\t", " \n\n")[rng.integers(5)]
    parity.equal("tokens of other words", tokenizer.tokenize(text), expected)


@pytest.mark.check(weight=3, needs=TOKENIZE)
def test_word_tokenizer_punctuation(student, parity, words):
    """WordTokenizer: every punctuation mark is a token"""
    tokenizer = student.tokenizer.WordTokenizer()
    a, b, c = words(3)
    for text, expected in (
        (f"{a}... {b}?!", [a, ".", ".", ".", b, "?", "!"]),
        (f"{a}'{b}, 3.5%", [a, "'", b, ",", "3", ".", "5", "%"]),
        (f'"{a}"({b})-{c};', ['"', a, '"', "(", b, ")", "-", c, ";"]),
    ):
        parity.equal(f"tokens of {text}", tokenizer.tokenize(text), expected)


@pytest.mark.check(weight=3, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_encode(fitted, rng, parity, words):
    """WordTokenizer: ids of a text, by a vocabulary of all tokens of some texts"""
    a, b, c, d = words(4)
    tokenizer = fitted([f"{c} {c} {c.upper()}, {c} {a}", f"{d}. {a} {b.title()}!", f"{d} {d} {d}"])
    known = [c, d, a, "!", ",", ".", b]  # with the ids from 2 on
    more = rng.integers(7, size=10).tolist()
    got = tokenizer.encode(f"{c} {a} {d} {b}!,.{c} {' '.join(known[i] for i in more)}")
    parity.equal("ids", got, [2, 4, 3, 8, 5, 6, 7, 2, *(i + 2 for i in more)])


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_padding(fitted, rng, parity, words):
    """WordTokenizer: filled up to a length"""
    known = words(8)
    tokenizer = fitted([" ".join(known)])
    for length in (4, 5, 9):
        places = rng.integers(8, size=4).tolist()
        text = " ".join(known[i] for i in places)
        got = tokenizer.encode(text, max_length=length, padding=True)
        expected = [i + 2 for i in places] + [0] * (length - 4)
        parity.equal(f"ids, filled up to {length}", got, expected)


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_truncation(fitted, rng, parity, words):
    """WordTokenizer: cut off at a length"""
    known = words(5)
    tokenizer = fitted([" ".join(known)])
    ids = rng.integers(5, size=8).tolist()
    text = ", ".join(known[i] for i in ids)  # the vocabulary has no comma: id 1
    expected = [number for i in ids for number in (i + 2, 1)][:-1]
    for length in (1, 3, 8, 15, 20):
        got = tokenizer.encode(text, max_length=length)
        parity.equal(f"ids, at most {length}", got, expected[:length])
