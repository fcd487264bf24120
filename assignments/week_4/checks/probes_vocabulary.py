"""Small cases of Vocabulary: order, ties, rare tokens, specials, unknown tokens, and back."""

from functools import partial

from autograder.layers import Probe

DEFAULT = ["<pad>", "<unk>"]


def call(tokens, options):
    given = ", ".join([repr(tokens), *(f"{name}={value!r}" for name, value in options.items())])
    return f"Vocabulary({given})"


def order(tokens, expected, **options):
    """A probe of the list of all tokens."""
    return Probe("Vocabulary", call(tokens, options), partial(lists, tokens, expected, options))


def lists(tokens, expected, options, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens, **options)
    scene.parity.equal("tokens", vocabulary.get_itos(), expected)


def ids(tokens, asked, expected, **options):
    """A probe of the ids of some tokens."""
    title = f"{call(tokens, options)}, ids of {asked}"
    return Probe("Vocabulary", title, partial(looks_up, tokens, asked, expected, options))


def looks_up(tokens, asked, expected, options, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens, **options)
    scene.parity.equal("ids", vocabulary.lookup_indices(asked), expected)


def back(tokens, asked, expected, **options):
    """A probe of the tokens of some ids."""
    title = f"{call(tokens, options)}, tokens of {asked}"
    return Probe("Vocabulary", title, partial(looks_back, tokens, asked, expected, options))


def looks_back(tokens, asked, expected, options, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens, **options)
    scene.parity.equal("tokens of ids", vocabulary.lookup_tokens(asked), expected)


def single(tokens, token, number):
    """A probe of one token and of one id."""
    title = f"{call(tokens, {})}, {token!r} alone"
    return Probe("Vocabulary", title, partial(one_by_one, tokens, token, number))


def one_by_one(tokens, token, number, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens)
    got = scene.worker.call("operator.getitem", vocabulary, token)
    scene.parity.equal("id of one token", got, number)
    scene.parity.equal("token of one id", vocabulary.lookup_token(number), token)


def tables(tokens, expected):
    """A probe of both tables, and of what becomes of them when a caller changes them."""
    title = f"{call(tokens, {})}, its tables"
    return Probe("Vocabulary", title, partial(hands_out, tokens, expected))


def hands_out(tokens, expected, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens)
    scene.parity.equal("get_stoi", vocabulary.get_stoi(), expected)
    empty = scene.worker.call("operator.methodcaller", "clear")
    for name in ("get_itos", "get_stoi"):
        get = scene.worker.call("operator.methodcaller", name)
        got = scene.worker.call("builtins.map", get, [vocabulary])
        scene.worker.call("builtins.list", scene.worker.call("builtins.map", empty, got))
        length = len(getattr(vocabulary, name)())
        label = f"number of tokens in {name} after a caller has emptied what it returned"
        scene.parity.equal(label, length, len(expected))


def kept_specials(*specials):
    title = f"{call(['a'], {'specials': specials})}, its specials"
    return Probe("Vocabulary", title, partial(keeps_specials, specials))


def keeps_specials(specials, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(["a"], specials=specials)
    kept = vocabulary.read("specials")
    scene.parity.equal("specials", list(kept) if isinstance(kept, tuple) else kept, [*specials])


def once(tokens, expected):
    """A probe of tokens that can be read once."""
    title = f"Vocabulary(iter({tokens}))"
    return Probe("Vocabulary", title, partial(reads_once, tokens, expected))


def reads_once(tokens, expected, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(scene.worker.call("builtins.iter", tokens))
    scene.parity.equal("tokens of an iterator", vocabulary.get_itos(), expected)


def asked_once(tokens, asked, expected):
    """A probe of the ids of tokens that can be read once."""
    title = f"{call(tokens, {})}, ids of iter({asked})"
    return Probe("Vocabulary", title, partial(looks_up_once, tokens, asked, expected))


def looks_up_once(tokens, asked, expected, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens)
    iterator = scene.worker.call("builtins.iter", asked)
    scene.parity.equal("ids of an iterator", vocabulary.lookup_indices(iterator), expected)


def size(tokens, expected, **options):
    title = f"len({call(tokens, options)})"
    return Probe("Vocabulary", title, partial(counts, tokens, expected, options))


def counts(tokens, expected, options, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens, **options)
    scene.parity.equal("len", scene.worker.call("builtins.len", vocabulary), expected)


def second(first, tokens, asked, expected):
    """A probe of a vocabulary when there is another one."""
    title = f"{call(tokens, {})} after {call(first, {})}, ids of {asked}"
    return Probe("Vocabulary", title, partial(looks_up_again, first, tokens, asked, expected))


def looks_up_again(first, tokens, asked, expected, scene):
    scene.student.vocabulary.Vocabulary(first)
    vocabulary = scene.student.vocabulary.Vocabulary(tokens)
    scene.parity.equal("ids", vocabulary.lookup_indices(asked), expected)


def refused(scene, label, call, error):
    """The call raises; where it doesn't, what it gives is told too."""
    given = []
    scene.parity.refuses(label, lambda: given.append(call()), error)
    if given:
        scene.parity.equal(f"{label} gives", given, [])


def out_of_range(tokens, index):
    title = f"{call(tokens, {})}, the token of id {index} is an error"
    return Probe("Vocabulary", title, partial(refuses_id, tokens, index))


def refuses_id(tokens, index, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(tokens)
    label = "a negative id" if index < 0 else "an id that is too large"
    refused(scene, label, partial(vocabulary.lookup_tokens, [index]), "an IndexError")


def without_unk(*specials):
    title = f"{call(['a'], {'specials': specials})}, the id of 'b' is an error"
    return Probe("Vocabulary", title, partial(refuses_token, specials))


def refuses_token(specials, scene):
    vocabulary = scene.student.vocabulary.Vocabulary(["a"], specials=specials)
    call = partial(vocabulary.lookup_indices, ["a", "b"])
    refused(scene, 'an unknown token without "<unk>"', call, "a KeyError")


PROBES = [
    order([], DEFAULT),
    order(["a"], [*DEFAULT, "a"]),
    order(["b", "a"], [*DEFAULT, "a", "b"]),
    order(["a", "b", "b"], [*DEFAULT, "b", "a"]),
    order(["c", "c", "a", "b", "b", "b"], [*DEFAULT, "b", "c", "a"]),
    order(["c", "b", "c", "b", "d", "a"], [*DEFAULT, "b", "c", "a", "d"]),
    order(["b", "B", "a"], [*DEFAULT, "B", "a", "b"]),
    order(["bb", "c", "a a", " c"], [*DEFAULT, " c", "a a", "bb", "c"]),
    order(["10", "9", "é", "z"], [*DEFAULT, "10", "9", "z", "é"]),
    order(["a", "b", "b"], [*DEFAULT, "b"], min_freq=2),
    order(["a", "b", "b", "c", "c", "c"], [*DEFAULT, "c", "b"], min_freq=2),
    order(["a", "b", "b", "c", "c", "c"], [*DEFAULT, "c"], min_freq=3),
    order(["a"], DEFAULT, min_freq=2),
    order(["a", "b", "b"], ["b", "a"], specials=()),
    order(["a"], ["z", "a"], specials=("z",)),
    order(["c", "d"], ["z", "y", "c", "d"], specials=("z", "y")),
    order(["a", "z", "z"], ["y", "z", "a"], specials=("y", "z")),
    order(["a", "b", "b", "z"], ["z", "b", "a"], specials=("z",)),
    order(["a", "<unk>"], [*DEFAULT, "a"]),
    ids(["a"], ["a"], [2]),
    ids(["a"], ["<pad>", "<unk>"], [0, 1]),
    ids(["b", "a", "b"], ["a", "b", "a", "a"], [3, 2, 3, 3]),
    ids(["d", "c", "b", "a"], ["d", "a", "c"], [5, 2, 4]),
    ids(["a"], [], []),
    ids(["a"], ["b"], [1]),
    ids(["a", "b", "b"], ["c", "a", "d", "c"], [1, 3, 1, 1]),
    ids(["a", "b", "b"], ["a", "b"], [1, 2], min_freq=2),
    ids(["a"], ["b", "a"], [0, 1], specials=("<unk>",)),
    ids(["a"], ["b", "a"], [2, 3], specials=("<pad>", "x", "<unk>")),
    ids(["a"], ["b"], [0], specials=("<unk>", "z")),
    ids(["z", "z", "a"], ["a", "z", "b"], [3, 1, 0], specials=("<unk>", "z", "y")),
    ids(["a"], ["A", "a "], [1, 1]),
    back(["a"], [2], ["a"]),
    back(["b", "a"], [3, 2, 3, 0, 1], ["b", "a", "b", "<pad>", "<unk>"]),
    back(["a"], [], []),
    back(["a"], [2, 2], ["a", "a"]),
    single(["a"], "a", 2),
    single(["a", "b", "b"], "a", 3),
    tables(["a"], {"<pad>": 0, "<unk>": 1, "a": 2}),
    tables(["b", "a", "b"], {"<pad>": 0, "<unk>": 1, "b": 2, "a": 3}),
    kept_specials("<unk>"),
    kept_specials("<unk>", "z"),
    once(["a", "a", "b"], [*DEFAULT, "a", "b"]),
    once(["b", "c", "c"], [*DEFAULT, "c", "b"]),
    asked_once(["a"], ["a"], [2]),
    asked_once(["b", "a", "b"], ["a", "c", "b"], [3, 1, 2]),
    size([], 2),
    size(["a", "b", "b"], 4),
    size(["a", "b", "b"], 2, min_freq=2, specials=("<unk>",)),
    second(["b"], ["a"], ["a", "b"], [2, 1]),
    second(["a", "b"], ["c", "b", "b"], ["c", "a", "b"], [3, 1, 2]),
    out_of_range(["a"], -1),
    out_of_range(["a"], -2),
    out_of_range(["a"], 3),
    out_of_range(["a", "b"], 9),
    without_unk("<pad>"),
    without_unk(),
]
