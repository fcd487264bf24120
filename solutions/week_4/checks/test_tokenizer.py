"""WordTokenizer: from text to tokens, from tokens to ids, and back."""

from functools import partial
from string import ascii_lowercase

import numpy as np
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


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=3, needs=TOKENIZE)
def test_word_tokenizer_unicode(student, parity):
    """WordTokenizer: other scripts, accents typed in two ways, other punctuation"""
    tokenizer = student.tokenizer.WordTokenizer()
    for text, expected in (
        ("Привет, МИР", ["привет", ",", "мир"]),
        ("E\u0301TE\u0301 \u00c9t\u00e9", ["\u00e9t\u00e9", "\u00e9t\u00e9"]),
        ("T\u0308 \u1e97", ["\u1e97", "\u1e97"]),  # only the small one is a single character
        ("«naïve» ¿qué?", ["«", "naïve", "»", "¿", "qué", "?"]),
        ("日本。中国、", ["日本", "。", "中国", "、"]),
        ("5€ ok🙂 snake_case", ["5", "€", "ok", "🙂", "snake", "_", "case"]),
        ("नमस्ते दुनिया", ["नमस्ते", "दुनिया"]),
        ("a\u00a0b\u2003c", ["a", "b", "c"]),
        ("a+b=c<d>e|f~g^h`i", list("a+b=c<d>e|f~g^h`i")),
        ("\ufb01ne x\u00b2\u2026", ["\ufb01ne", "x\u00b2", "\u2026"]),  # NFKC: fine, x2, ...
    ):
        parity.equal(f"tokens of {text}", tokenizer.tokenize(text), expected)


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_unknown(fitted, worker, parity, words):
    """WordTokenizer: words that are new or too rare; fit reads texts once, and returns itself"""
    a, b, c, d = words(4)
    tokenizer = fitted([f"{a} {b} {c}", f"{a} {b}", f"{b} {b}"], min_freq=2)
    parity.equal("ids", tokenizer.encode(f"{a} {d} {c} {b} {d}"), [3, 1, 1, 2, 1])
    texts = worker.call("builtins.iter", [f"{d} {c}", d])  # that can be read once
    fitted_again = worker.keep_result(tokenizer.fit, texts)
    parity.equal("ids after another fit", fitted_again.encode(f"{a} {d} {c} {b}"), [1, 2, 3, 1])


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_decode(fitted, worker, parity, words):
    """WordTokenizer: from ids to text, with and without the special tokens; ids are read once"""
    a, b, c = words(3)
    tokenizer = fitted([f"{a} {a} {b}", f"{a} {b} {c}"])
    ids = [4, 2, 0, 1, 3, 2, 0, 0]
    parity.equal("text", tokenizer.decode(ids), f"{c} {a} {b} {a}")
    everything = f"{c} {a} <pad> <unk> {b} {a} <pad> <pad>"
    parity.equal("text with specials", tokenizer.decode(ids, skip_special_tokens=False), everything)
    once = worker.call("builtins.iter", ids)
    parity.equal("text of an iterator", tokenizer.decode(once), f"{c} {a} {b} {a}")
    for dtype in (np.uint8, np.int32):
        got = tokenizer.decode(np.array(ids, dtype))
        parity.equal(f"text of {np.dtype(dtype)} ids", got, f"{c} {a} {b} {a}")


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_batch(fitted, parity, words):
    """WordTokenizer: several texts as one array, and back"""
    a, b, c, d = words(4)
    tokenizer = fitted([f"{d} {d} {d} {d} {a} {a} {a} {b} {b} {c}"])
    texts = [f"{a} {b}", f"{c}", f"{d} {a} {d} {b}"]
    ids = np.array([[3, 4, 0, 0], [5, 0, 0, 0], [2, 3, 2, 4]])
    got = parity.array("ids of a batch", tokenizer.encode_batch(texts), ids.shape, "int64")
    parity("ids", got, ids)
    parity("ids, cut off at 2", tokenizer.encode_batch(texts, max_length=2), ids[:, :2])
    longer = np.pad(ids, ((0, 0), (0, 3)))
    parity("ids, filled up to 7", tokenizer.encode_batch(texts, max_length=7), longer)
    parity.equal("texts", tokenizer.decode_batch(ids), texts)
    everything = [f"{a} {b} <pad> <pad>", f"{c} <pad> <pad> <pad>", texts[2]]
    got = tokenizer.decode_batch(ids, skip_special_tokens=False)
    parity.equal("texts with specials", got, everything)


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_round_trip(fitted, rng, parity, words):
    """WordTokenizer: a text of known words keeps its ids on the way to ids, to text, to ids"""
    known = [*words(15), ".", ",", "!"]
    tokenizer = fitted([" ".join(known[::-1])])
    numbers = {token: number for number, token in enumerate(sorted(known), start=2)}
    for length in (1, 5, 40):
        tokens = [known[i] for i in rng.integers(len(known), size=length)]
        text, ids = " ".join(tokens), [numbers[token] for token in tokens]
        parity.equal(f"ids of a text of {length}", tokenizer.encode(text), ids)
        parity.equal(f"text of {length} tokens", tokenizer.decode(tokenizer.encode(text)), text)
        parity.equal(f"ids of {length} tokens", tokenizer.encode(tokenizer.decode(ids)), ids)


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_exact_length(fitted, rng, parity, words):
    """WordTokenizer: padding and cutting together, whatever the length"""
    known = words(6)
    tokenizer = fitted([" ".join(known)])
    for length in range(9):
        ids = rng.integers(6, size=rng.integers(9)).tolist()
        text = " ".join(known[i] for i in ids)
        got = tokenizer.encode(text, max_length=length, padding=True)
        expected = [i + 2 for i in ids[:length]] + [0] * (length - len(ids))
        parity.equal(f"{len(ids)} words in {length} places", got, expected)


@pytest.mark.check(needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_deterministic(fitted, rng, parity, words):
    """WordTokenizer: the ids don't depend on the order of the texts"""
    known = words(24)
    texts = [" ".join(known[start : start + 4]) for start in range(0, 24, 4)]
    for label in ("one order", "another order"):
        tokenizer = fitted([texts[i] for i in rng.permutation(6)])
        got = tokenizer.encode(" ".join(known))
        parity.equal(f"ids, texts in {label}", got, list(range(2, 26)))


@pytest.mark.check(needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_own_vocabulary(student, parity, words):
    """WordTokenizer: with a vocabulary of one's own, whose padding isn't id 0"""
    a, b, c = words(3)
    text, specials = [a, a, b, "<br>"], ("<unk>", "bos", "<pad>")  # no spelling makes a special
    vocabulary = student.vocabulary.Vocabulary(text, specials=specials)
    tokenizer = student.tokenizer.WordTokenizer(vocabulary)
    ids = tokenizer.encode(f"{b} {c} {a}", max_length=5, padding=True)
    parity.equal("ids", ids, [5, 0, 3, 2, 2])
    parity.equal("text", tokenizer.decode([5, 1, 4, 0, 3, 2]), f"{b} <br> {a}")
    batch = tokenizer.encode_batch([f"{a} {b}", b])
    parity("ids of a batch", batch, np.array([[3, 5], [5, 2]]))


@pytest.mark.check(weight=2, needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_empty(fitted, parity, words):
    """WordTokenizer: texts without a word, and no texts"""
    a, b = words(2)
    tokenizer = fitted([f"{a} {b} {a}"])
    parity(f"a batch of {b} {a}", tokenizer.encode_batch([f"{b} {a}"]), np.array([[3, 2]]))
    parity.equal("text of its ids", tokenizer.decode([3, 2]), f"{b} {a}")
    for text in ("", " \n"):
        parity.equal(f"tokens of {text!r}", tokenizer.tokenize(text), [])
        parity.equal(f"ids of {text!r}", tokenizer.encode(text), [])
    parity.equal("ids, filled up", tokenizer.encode("", max_length=2, padding=True), [0, 0])
    parity.equal("text of no ids", tokenizer.decode([]), "")
    for texts in ([], ["", ""]):
        for length, options in ((0, {}), (0, {"max_length": 0}), (4, {"max_length": 4})):
            empty = np.zeros((len(texts), length), np.int64)
            got = tokenizer.encode_batch(texts, **options)
            parity(f"a batch of {texts}, {options}", got, empty, trivial=True)
    tokenizer.fit([])
    parity.equal("ids after fitting to nothing", tokenizer.encode("a"), [1])


@pytest.mark.check(needs=[TOKENIZE, LOOKUP])
def test_word_tokenizer_invalid_arguments(student, fitted, parity, words):
    """WordTokenizer: lengths that make no sense, and a missing vocabulary, are errors"""
    a, b = words(2)
    tokenizer = fitted([f"{a} {b}"])
    parity.equal("ids", tokenizer.encode(f"{b} {a}", max_length=3, padding=True), [3, 2, 0])
    parity.equal("text", tokenizer.decode([3, 2]), f"{b} {a}")
    parity("a batch", tokenizer.encode_batch([f"{b} {a}"]), np.array([[3, 2]]))
    for label, options in (
        ("max_length=-1", {"max_length": -1}),
        ("padding without max_length", {"padding": True}),
    ):
        parity.refuses(label, partial(tokenizer.encode, f"{a} {b}", **options))
    call = partial(tokenizer.encode_batch, [f"{a} {b}"], max_length=-1)
    parity.refuses("a batch with max_length=-1", call)
    unfitted = student.tokenizer.WordTokenizer()
    row = np.array([[2]])
    for name, argument in (
        *(("encode", a), ("decode", [2])),
        *(("encode_batch", [a]), ("decode_batch", row)),
    ):
        parity.refuses(f"{name} before fit", partial(getattr(unfitted, name), argument))
    for wrong in (99, -1):
        call = partial(tokenizer.decode, [2, wrong])
        parity.refuses(f"decode of the id {wrong}", call, "an IndexError")
        call = partial(tokenizer.decode_batch, row - 2 + wrong)
        parity.refuses(f"decode_batch of the id {wrong}", call, "an IndexError")
    for special in ("<pad>", "<unk>"):
        vocabulary = student.vocabulary.Vocabulary([a], specials=(special,))
        call = partial(student.tokenizer.WordTokenizer, vocabulary)
        parity.refuses(f'a vocabulary with no special but "{special}"', call)


### END HIDDEN TESTS
