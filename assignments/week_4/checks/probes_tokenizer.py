"""Small cases of WordTokenizer: tokens of short texts, and ids of words that are single letters."""

from functools import partial

import numpy as np

from autograder.layers import Probe

NAME = "WordTokenizer"
TEXT = "a a a a b b b c c d"  # the ids 2, 3, 4, 5


def tokens(text, expected):
    return Probe(NAME, f"tokenize({text!r})", partial(tokenizes, text, expected))


def tokenizes(text, expected, scene):
    tokenizer = scene.student.tokenizer.WordTokenizer()
    scene.parity.equal("tokens", tokenizer.tokenize(text), expected)


def fitted(scene, texts, options):
    tokenizer = scene.student.tokenizer.WordTokenizer()
    tokenizer.fit(texts, **options)
    return tokenizer


def fit(texts, text, expected, **options):
    """A probe of the ids of a text by the vocabulary of some texts."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    title = f"fit({texts}{given}), encode({text!r})"
    return Probe(NAME, title, partial(fits, texts, text, expected, options))


def fits(texts, text, expected, options, scene):
    scene.parity.equal("ids", fitted(scene, texts, options).encode(text), expected)


def fit_again(first, texts, text, expected):
    """A probe of a second fit, to texts that can be read once, and of what it returns."""
    title = f"fit({first}), fit(iter({texts})), encode({text!r})"
    return Probe(NAME, title, partial(fits_again, first, texts, text, expected))


def fits_again(first, texts, text, expected, scene):
    tokenizer = fitted(scene, first, {})
    again = scene.worker.keep_result(tokenizer.fit, scene.worker.call("builtins.iter", texts))
    scene.parity.equal("ids", again.encode(text), expected)


def encode(text, expected, **options):
    """A probe of ids with a length or padding."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    title = f"fit([{TEXT!r}]), encode({text!r}{given})"
    return Probe(NAME, title, partial(encodes, text, expected, options))


def encodes(text, expected, options, scene):
    tokenizer = fitted(scene, [TEXT], {})
    scene.parity.equal("ids", tokenizer.encode(text, **options), expected)


def decode(ids, expected, **options):
    """A probe of the text of some ids."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    title = f"fit([{TEXT!r}]), decode({ids}{given})"
    return Probe(NAME, title, partial(decodes, [TEXT], ids, expected, options))


def decodes(texts, ids, expected, options, scene):
    scene.parity.equal("text", fitted(scene, texts, {}).decode(ids, **options), expected)


def decode_once(ids, expected):
    """A probe of the text of ids that can be read once."""
    return Probe(NAME, f"fit([{TEXT!r}]), decode(iter({ids}))", partial(reads_once, ids, expected))


def reads_once(ids, expected, scene):
    iterator = scene.worker.call("builtins.iter", ids)
    got = fitted(scene, [TEXT], {}).decode(iterator)
    scene.parity.equal("text of an iterator", got, expected)


def marks(ids, expected):
    """A probe of the text of punctuation marks."""
    texts = ["a a a , , ."]
    title = f"fit({texts}), decode({ids})"
    return Probe(NAME, title, partial(decodes, texts, ids, expected, {}))


def own(specials, text, ids, expected, length=None):
    """A probe with a vocabulary of one's own: ids and text."""
    title = f"a vocabulary of 'a a b <br>' with specials={specials}, encode({text!r}, {length})"
    return Probe(NAME, title, partial(with_own, specials, text, ids, expected, length))


def with_own(specials, text, ids, expected, length, scene):
    tokens = ["a", "a", "b", "<br>"]
    vocabulary = scene.student.vocabulary.Vocabulary(tokens, specials=specials)
    tokenizer = scene.student.tokenizer.WordTokenizer(vocabulary)
    options = {} if length is None else {"max_length": length, "padding": True}
    scene.parity.equal("ids", tokenizer.encode(text, **options), ids)
    everything = [*range(len(specials) + 3)]
    scene.parity.equal("text", tokenizer.decode(everything), expected)


def batch(texts, expected, **options):
    """A probe of several texts as one array."""
    given = "".join(f", {name}={value}" for name, value in options.items())
    title = f"fit([{TEXT!r}]), encode_batch({texts}{given})"
    return Probe(NAME, title, partial(encodes_batch, texts, expected, options))


def encodes_batch(texts, expected, options, scene):
    got = fitted(scene, [TEXT], {}).encode_batch(texts, **options)
    wanted = np.array(expected, np.int64).reshape(len(texts), -1 if expected else 0)
    scene.parity("ids of a batch", got, wanted)
    scene.parity.equal("dtype of a batch", str(getattr(got, "dtype", None)), "int64")


def no_texts(length):
    """A probe of the shape of a batch without texts."""
    return Probe(NAME, f"encode_batch([], max_length={length})", partial(has_columns, length))


def has_columns(length, scene):
    got = fitted(scene, [TEXT], {}).encode_batch([], max_length=length)
    scene.parity.equal("shape of a batch of nothing", getattr(got, "shape", None), (0, length))


def own_batch(specials, texts, expected):
    title = f"a vocabulary of 'a b' with specials={specials}, encode_batch({texts})"
    return Probe(NAME, title, partial(encodes_own_batch, specials, texts, expected))


def encodes_own_batch(specials, texts, expected, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(["a", "b"], specials=specials)
    got = scene.student.tokenizer.WordTokenizer(vocabulary).encode_batch(texts)
    scene.parity("ids of a batch", got, np.array(expected, np.int64))


def decode_batch(ids, expected, **options):
    given = "".join(f", {name}={value}" for name, value in options.items())
    title = f"fit([{TEXT!r}]), decode_batch({ids}{given})"
    return Probe(NAME, title, partial(decodes_batch, ids, expected, options))


def decodes_batch(ids, expected, options, scene):
    got = fitted(scene, [TEXT], {}).decode_batch(np.array(ids), **options)
    scene.parity.equal("texts", got, expected)


def refusal(label, method, *args, error="a ValueError", **options):
    """A probe of a call that raises."""
    given = ", ".join([*map(repr, args), *(f"{name}={value}" for name, value in options.items())])
    title = f"fit([{TEXT!r}]), {method}({given}) is an error"
    return Probe(NAME, title, partial(refuses, label, method, args, error, options))


def refuses(label, method, args, error, options, scene):
    tokenizer = fitted(scene, [TEXT], {})
    scene.parity.refuses(label, partial(getattr(tokenizer, method), *args, **options), error)


def unfitted(method, argument):
    title = f"{method}({argument!r}) before fit is an error"
    return Probe(NAME, title, partial(refuses_unfitted, method, argument))


def refuses_unfitted(method, argument, scene):
    tokenizer = scene.student.tokenizer.WordTokenizer()
    scene.parity.refuses("without a vocabulary", partial(getattr(tokenizer, method), argument))


BATCH, SPECIALS = [[3, 4, 0], [5, 0, 0], [2, 1, 2]], ("<unk>", "bos", "<pad>")
PROBES = [
    tokens("", []),
    tokens(" ", []),
    tokens("a", ["a"]),
    tokens("A", ["a"]),
    tokens("ab CD", ["ab", "cd"]),
    tokens("a  b", ["a", "b"]),
    tokens("\ta\nb\r\n", ["a", "b"]),
    tokens("b b a", ["b", "b", "a"]),
    tokens("a\u00a0b\u2003c", ["a", "b", "c"]),
    tokens("a.", ["a", "."]),
    tokens("a, b", ["a", ",", "b"]),
    tokens(".", ["."]),
    tokens("...", [".", ".", "."]),
    tokens("a?!", ["a", "?", "!"]),
    tokens("a: b;", ["a", ":", "b", ";"]),
    tokens("'a'", ["'", "a", "'"]),
    tokens("don't", ["don", "'", "t"]),
    tokens("well-known", ["well", "-", "known"]),
    tokens("3.5", ["3", ".", "5"]),
    tokens("10 a1", ["10", "a1"]),
    tokens("a_b", ["a", "_", "b"]),
    tokens("5%", ["5", "%"]),
    tokens("a+b=c", ["a", "+", "b", "=", "c"]),
    tokens("$5 €5", ["$", "5", "€", "5"]),
    tokens("a@b.c", ["a", "@", "b", ".", "c"]),
    tokens("x^2 `y` ~|", ["x", "^", "2", "`", "y", "`", "~", "|"]),
    tokens("<pad>", ["<", "pad", ">"]),
    tokens("«a» ¿b?", ["«", "a", "»", "¿", "b", "?"]),
    tokens("a。b、", ["a", "。", "b", "、"]),
    tokens("a\u2026", ["a", "\u2026"]),
    tokens("a🙂", ["a", "🙂"]),
    tokens("naïve É", ["naïve", "é"]),
    tokens("МИР", ["мир"]),
    tokens("Straße", ["straße"]),
    tokens("e\u0301", ["\u00e9"]),
    tokens("E\u0301 \u00c9", ["\u00e9", "\u00e9"]),
    tokens("T\u0308", ["\u1e97"]),
    tokens("T\u0308 \u1e97", ["\u1e97", "\u1e97"]),
    tokens("x\u00b2", ["x\u00b2"]),
    tokens("\ufb01ne \u2460", ["\ufb01ne", "\u2460"]),
    tokens("नमस्ते", ["नमस्ते"]),
    tokens("q\u0303 a", ["q\u0303", "a"]),
    fit(["a"], "a", [2]),
    fit(["a b b"], "a b", [3, 2]),
    fit(["b a"], "a b", [2, 3]),
    fit(["a", "b b", "c"], "c b a", [4, 2, 3]),
    fit(["c c c a", "b b a a a"], "a b c", [2, 4, 3]),
    fit(["A a, b"], "a , b", [2, 3, 4]),
    fit(["a b"], "c a d", [1, 2, 1]),
    fit(["a b b"], "a b", [1, 2], min_freq=2),
    fit(["a b", "b c", "b c"], "a b c", [1, 2, 3], min_freq=2),
    fit([], "a", [1]),
    fit_again(["a b"], ["b"], "b a", [2, 1]),
    fit_again(["a a a"], ["c b", "b"], "a b c", [1, 2, 3]),
    encode("", []),
    encode("b a b", [3, 2, 3]),
    encode("a b", [2], max_length=1),
    encode("a b c", [2, 3], max_length=2),
    encode("b a", [3, 2], max_length=3),
    encode("a", [], max_length=0),
    encode("a, d", [2, 1], max_length=2),
    encode("b", [3, 0], max_length=2, padding=True),
    encode("b a", [3, 2], max_length=2, padding=True),
    encode("c", [4, 0, 0, 0], max_length=4, padding=True),
    encode("a b c", [2], max_length=1, padding=True),
    encode("", [0, 0], max_length=2, padding=True),
    encode("a", [], max_length=0, padding=True),
    decode([], ""),
    decode([2], "a"),
    decode([3, 2, 3], "b a b"),
    decode([2, 0], "a"),
    decode([0, 2, 0, 3], "a b"),
    decode([1, 2, 1, 3], "a b"),
    decode([0, 1], ""),
    decode([2, 0, 1], "a <pad> <unk>", skip_special_tokens=False),
    decode([0], "<pad>", skip_special_tokens=False),
    decode_once([3, 2], "b a"),
    decode_once([], ""),
    marks([2, 3, 2, 4], "a , a ."),
    marks([3, 2], ", a"),
    own(SPECIALS, "b c a", [5, 0, 3], "a <br> b"),
    own(SPECIALS, "b", [5, 2, 2], "a <br> b", 3),
    own(("<pad>", "x", "<unk>"), "c a", [2, 3, 0], "a <br> b", 3),
    batch(["a"], [[2]]),
    batch(["a b", "c"], [[2, 3], [4, 0]]),
    batch(["b", "a d c", "b b"], [[3, 0, 0], [2, 5, 4], [3, 3, 0]]),
    batch(["a b c", "b"], [[2, 3], [3, 0]], max_length=2),
    batch(["a", "b"], [[2, 0, 0], [3, 0, 0]], max_length=3),
    batch(["", ""], []),
    batch([], []),
    no_texts(2),
    no_texts(3),
    own_batch(SPECIALS, ["a b", "b"], [[3, 4], [4, 2]]),
    own_batch(("<unk>", "<pad>"), ["a", "b a b"], [[2, 1, 1], [3, 2, 3]]),
    decode_batch(BATCH, ["b c", "d", "a a"]),
    decode_batch([[2]], ["a"]),
    decode_batch(BATCH, ["b c <pad>", "d <pad> <pad>", "a <unk> a"], skip_special_tokens=False),
    decode_batch([[2, 0]], ["a <pad>"], skip_special_tokens=False),
    refusal("a negative max_length", "encode", "a", max_length=-1),
    refusal("a negative max_length", "encode", "a b c", max_length=-2),
    refusal("a negative max_length of a batch", "encode_batch", ["a"], max_length=-1),
    refusal("a negative max_length of a batch", "encode_batch", ["a b", "c"], max_length=-2),
    refusal("padding without max_length", "encode", "a", padding=True),
    refusal("padding without max_length", "encode", "", padding=True),
    refusal("an id that is too large", "decode", [6], error="an IndexError"),
    refusal("an id that is too large", "decode", [2, 99], error="an IndexError"),
    refusal("a negative id", "decode", [-1], error="an IndexError"),
    refusal("a negative id", "decode", [2, -2], error="an IndexError"),
    unfitted("encode", "a"),
    unfitted("decode", [2]),
    unfitted("encode_batch", ["a"]),
]
