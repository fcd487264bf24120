"""BertEmbeddings, MaskedLMHead, Bert: outputs, gradients of all parameters, the tied table."""

import math
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from autograder.layers import Layer

TOKENS, DEPTH, HEADS, WIDTH, LONGEST, SEGMENTS = 9, 8, 2, 12, 7, 3
PAD = 3  # not the first
EMBEDDINGS_PARAMETERS = {
    "token.weight": (TOKENS, DEPTH),
    "position.weight": (LONGEST, DEPTH),
    "segment.weight": (SEGMENTS, DEPTH),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
}
HEAD_PARAMETERS = {
    "dense.weight": (DEPTH, DEPTH),
    "dense.bias": (DEPTH,),
    "norm.weight": (DEPTH,),
    "norm.bias": (DEPTH,),
    "bias": (TOKENS,),
}
LAYER_PARAMETERS = {
    "self_attn.in_proj_weight": (3 * DEPTH, DEPTH),
    "self_attn.in_proj_bias": (3 * DEPTH,),
    "self_attn.out_proj.weight": (DEPTH, DEPTH),
    "self_attn.out_proj.bias": (DEPTH,),
    "linear1.weight": (WIDTH, DEPTH),
    "linear1.bias": (WIDTH,),
    "linear2.weight": (DEPTH, WIDTH),
    "linear2.bias": (DEPTH,),
    **{f"norm{i}.{name}": (DEPTH,) for i in (1, 2) for name in ("weight", "bias")},
}


def tokens_and_segments(rng, shape):
    """Ids of so many examples and tokens, in which some come twice, and their segments."""
    return [rng.integers(1, TOKENS, shape), rng.integers(SEGMENTS, size=shape)]


def tokens(rng, shape):
    return rng.integers(1, TOKENS, shape)


def padded(rng, shape):
    """Ids and segments, with padding at the end of all examples but the first."""
    ids, segments = tokens_and_segments(rng, shape)
    ids[ids == PAD] = 0
    ends = rng.integers(1, shape[1], shape[0])
    ends[0] = shape[1]
    ids[np.arange(shape[1]) >= ends[:, np.newaxis]] = PAD
    return [ids, segments]


def features_and_table(rng, shape):
    """Features of this shape, and the vectors of the tokens."""
    return [rng.standard_normal(shape), rng.standard_normal((TOKENS, DEPTH))]


def embeddings(draw=tokens_and_segments, dropout=0.0):
    args = (TOKENS, DEPTH, LONGEST, SEGMENTS, dropout)
    return Layer("bert", "BertEmbeddings", args, {}, EMBEDDINGS_PARAMETERS, draw, oracle="bert")


def bert(layers=1, draw=tokens_and_segments, dropout=0.0, **options):
    """A small Bert, and the shapes of its parameters."""
    parameters = {f"embeddings.{name}": shape for name, shape in EMBEDDINGS_PARAMETERS.items()}
    for i in range(layers):
        parameters |= {f"encoder.layers.{i}.{n}": s for n, s in LAYER_PARAMETERS.items()}
    parameters |= {"encoder.norm.weight": (DEPTH,), "encoder.norm.bias": (DEPTH,)}
    parameters |= {f"head.{name}": shape for name, shape in HEAD_PARAMETERS.items()}
    args = (TOKENS, DEPTH, HEADS, layers, WIDTH, dropout)
    options = {"max_len": LONGEST, "num_segments": SEGMENTS} | options
    return Layer("bert", "Bert", args, options, parameters, draw, oracle="bert")


EMBEDDINGS = embeddings()
HEAD = Layer(
    "bert", "MaskedLMHead", (TOKENS, DEPTH), {}, HEAD_PARAMETERS, features_and_table, oracle="bert"
)
BERT = bert()

test_bert_embeddings_forward = EMBEDDINGS.forward((4, 5), weight=3)
test_bert_embeddings_parameter_grads = EMBEDDINGS.parameter_grads(
    (4, 5), title="gradients of all three tables and of the norm, added up", weight=4
)
test_masked_lm_head_forward = HEAD.forward((3, 5, DEPTH), title="logits", weight=3)
test_masked_lm_head_backward = HEAD.backward(
    (3, 5, DEPTH), title="gradients of the features and of the table", weight=4
)
test_bert_forward = BERT.forward((4, 5), title="logits", weight=4)
test_bert_parameter_grads = BERT.parameter_grads(
    (4, 5), title="gradients of all parameters, those of the table from both ends", weight=5
)
### BEGIN HIDDEN TESTS
test_bert_embeddings_without_segments = embeddings(tokens).parameter_grads(
    (4, 5), title="one segment, if none is said", weight=2
)
test_bert_embeddings_longest = EMBEDDINGS.parameter_grads(
    (2, LONGEST), title="as many tokens as there are positions"
)
test_bert_embeddings_batch_of_one = EMBEDDINGS.parameter_grads((1, 1), title="a single token")
test_bert_embeddings_float32 = EMBEDDINGS.float32((4, 5), rtol=2e-3)
test_masked_lm_head_parameter_grads = HEAD.parameter_grads(
    (3, 5, DEPTH), title="gradients of all parameters, added up", weight=3
)


def other_axes(contract, layer):
    """Rows without a batch, and two axes of examples: gradients of the parameters too."""
    for shape in ((6, DEPTH), (2, 2, 3, DEPTH)):
        contract.parity.case = f"features {shape}"
        contract.both(layer, shape)
        contract.parameter_grads(layer, shape)
    contract.parity.case = ""


test_masked_lm_head_rows = HEAD.keeps("rows without a batch, or with more axes", other_axes)
test_masked_lm_head_second_call = HEAD.second_call((3, 5, DEPTH), (2, 4, DEPTH))
test_masked_lm_head_float32 = HEAD.float32((3, 5, DEPTH), rtol=2e-3)
test_masked_lm_head_unchanged_inputs = HEAD.unchanged_inputs((3, 5, DEPTH))
test_masked_lm_head_non_contiguous = HEAD.non_contiguous((3, 5, DEPTH))
test_masked_lm_head_wrong_shape = HEAD.wrong_shape((3, 5, 7), right=(3, 5, DEPTH))
test_bert_layers = bert(2, norm_first=True).parameter_grads(
    (3, 4), title="more layers, the norm before its sublayer", weight=3
)
test_bert_without_segments = bert(draw=tokens).parameter_grads(
    (4, 5), title="one segment, if none is said"
)
test_bert_float32 = BERT.float32((4, 5), rtol=5e-3, weight=2)


def scattered(rng, shape, pad=PAD):
    """Ids and segments, with padding at the front, in the middle and at the end of rows."""
    ids, segments = tokens_and_segments(rng, shape)
    ids[ids == pad] = TOKENS - 1
    ids[np.add.outer(np.arange(shape[0]), np.arange(shape[1])) % 3 == 2] = pad
    return [ids, segments]


def all_padding(contract, layer):
    """At the end or anywhere, also where it is token 0; and all the model in evaluation."""
    contract.parameter_grads(layer, (4, 5))
    for words, other in (
        ("padding anywhere", bert(draw=scattered, pad_id=PAD)),
        ("padding is token 0", bert(draw=partial(scattered, pad=0), pad_id=0)),
    ):
        contract.parity.case = words
        contract.parameter_grads(other, (4, 5))
        contract.parity.case = f"{words}, in evaluation"
        contract.forward(replace(other, training=False), (4, 5))
    contract.parity.case = ""


# A token of padding is a token of the table, and gets the gradient of its own position.
test_bert_padding = bert(draw=padded, pad_id=PAD).keeps(
    "padding is seen by nobody, wherever it stands; in evaluation too",
    all_padding,
    weight=3,
)


def compare_tables(contract, layer, instance, parameters, inputs, prefix="", when=""):
    """The output, and the gradients of all tables, after one backward."""
    grad_out = contract.upstream(layer, parameters, inputs)
    expected = vars(contract.expect(layer, parameters, inputs, grad_out))
    contract.parity(f"output{when}", instance.forward(*inputs), expected["output"])
    instance.backward(grad_out)
    for name in ("token.weight", "position.weight", "segment.weight"):
        got, wanted = instance.read(f"{prefix}{name}.grad"), expected[f"grad_{prefix}{name}"]
        contract.parity(f"gradient of {name}{when}", got, wanted)


def second_call(contract, layer, prefix):
    """A call with another shape or dtype of ids after the first, beside another instance."""
    parameters = contract.draw_parameters(layer)
    one, two = contract.make(layer, parameters), contract.make(layer, parameters)
    one.forward(*tokens_and_segments(contract.rng, (4, 5)))
    two.forward(*tokens_and_segments(contract.rng, (3, 4)))
    inputs = tokens_and_segments(contract.rng, (2, 6))
    compare_tables(contract, layer, one, parameters, inputs, prefix)
    for dtype in (np.int32, np.uint8):
        narrow = [ids.astype(dtype) for ids in tokens_and_segments(contract.rng, (3, 4))]
        when = f", {np.dtype(dtype)} ids"
        instance = contract.make(layer, parameters)
        compare_tables(contract, layer, instance, parameters, narrow, prefix, when)


@pytest.mark.check(needs="test_bert_embeddings_forward")
def test_bert_embeddings_second_call(contract):
    """BertEmbeddings: another shape or dtype of ids after a first call, beside another instance"""
    second_call(contract, EMBEDDINGS, "")


@pytest.mark.check(needs="test_bert_forward")
def test_bert_second_call(contract):
    """Bert: another shape or dtype of ids after a first call, beside another instance"""
    second_call(contract, BERT, "embeddings.")


@pytest.mark.check(weight=2, needs="test_bert_embeddings_forward")
def test_bert_embeddings_dropout(contract, parity):
    """BertEmbeddings: dropout of the sum, in training alone, and of its gradient"""
    parameters = contract.draw_parameters(EMBEDDINGS)
    inputs = EMBEDDINGS.inputs(contract.rng, (40, 6))
    expected = contract.expect(EMBEDDINGS, parameters, inputs)
    instance = contract.make(embeddings(dropout=0.5), parameters)
    output = parity.array("output", instance.forward(*inputs), (40, 6, DEPTH))
    kept = output != 0
    parity("what isn't dropped", output, np.where(kept, 2 * expected.output, 0))
    parity.holds("dropped", 0.4 < kept.mean() < 0.6, f"{kept.mean():.2f} is kept, expected 0.5")
    grad_out = contract.rng.standard_normal((40, 6, DEPTH))
    instance.backward(grad_out)
    wanted = np.where(kept, 2 * grad_out, 0).sum(axis=(0, 1))
    parity("gradient of the norm's bias", instance.read("norm.bias.grad"), wanted)
    instance.eval()
    parity("output in evaluation", instance.forward(*inputs), expected.output)


@pytest.mark.check(weight=2, needs="test_bert_embeddings_forward")
def test_bert_embeddings_wrong_input(contract, parity):
    """BertEmbeddings: sequences that are empty or too long, ids that are none, are errors"""
    parameters = contract.draw_parameters(EMBEDDINGS)
    instance = contract.make(EMBEDDINGS, parameters)
    ids, segments = tokens_and_segments(contract.rng, (4, 5))
    longer, too_long = (tokens(contract.rng, (4, LONGEST + n)) for n in (1, 3))
    for what, wrong, kind in (
        ("a sequence of no token", (ids[:, :0],), "ValueError"),
        ("8 tokens, of at most 7", (longer,), "ValueError"),
        ("10 tokens, of at most 7", (too_long, too_long % SEGMENTS), "ValueError"),
        ("ids without an axis of examples", (ids[0],), "ValueError"),
        ("ids with an axis too many", (ids[np.newaxis],), "ValueError"),
        ("segments of one example", (ids, segments[:1]), "ValueError"),
        ("segments of one token", (ids, segments[:, :1]), "ValueError"),
        ("segments without an axis of examples", (ids, segments[0]), "ValueError"),
        ("an id that is too large", (ids + TOKENS,), "IndexError"),
        ("a negative id", (-ids,), "IndexError"),
        ("ids that aren't whole", (ids + 0.5,), "TypeError"),
        ("a segment that is none", (ids, segments + SEGMENTS), "IndexError"),
        ("segments that aren't whole", (ids, segments + 0.5), "TypeError"),
    ):
        call = partial(instance.forward, *wrong)
        parity.refuses(what, call, f"a {kind}", kinds=frozenset({kind}))
    compare_tables(contract, EMBEDDINGS, instance, parameters, [ids, segments])
    refuse_gradients(contract, instance, (4, 5, DEPTH))


def refuse_gradients(contract, instance, shape):
    """A grad_out of another shape than this, which the output has."""
    *batch, last = shape
    wrong = ((1, *shape[1:]), (*batch, 1), (*shape[:-2], 1, last), shape[1:], (1, *shape))
    for other in (*wrong, (int(np.prod(shape)),)):
        grad_out = contract.rng.standard_normal(other)
        what = f"a grad_out of shape {other} for the output {shape}"
        call = partial(instance.backward, grad_out)
        contract.parity.refuses(what, call, kinds=frozenset({"ValueError"}))


@pytest.mark.check(weight=2, needs="test_bert_forward")
def test_bert_wrong_input(contract, parity):
    """Bert: sequences that are empty or too long, ids that are none, heads that don't divide"""
    layer = bert(draw=padded, pad_id=PAD)
    parameters, inputs = contract.draw_parameters(layer), layer.inputs(contract.rng, (4, 5))
    instance, ids = contract.make(layer, parameters), inputs[0]
    for what, wrong, kind in (
        ("a sequence of no token", ids[:, :0], "ValueError"),
        ("15 tokens, of at most 7", np.tile(ids, (1, 3)), "ValueError"),
        ("ids without an axis of examples", ids[0], "ValueError"),
        ("an id that is too large", ids + TOKENS, "IndexError"),
        ("a negative id", -1 - ids, "IndexError"),
        ("ids that aren't whole", ids + 0.5, "TypeError"),
    ):
        call = partial(instance.forward, wrong)
        parity.refuses(what, call, f"a {kind}", kinds=frozenset({kind}))
    make = contract.student.bert.Bert
    contract.refuses("three heads", partial(make, TOKENS, DEPTH, 3), "a ValueError")
    compare_tables(contract, layer, instance, parameters, inputs, "embeddings.")
    refuse_gradients(contract, instance, (4, 5, TOKENS))


@pytest.mark.check(weight=1, needs="test_masked_lm_head_forward")
def test_masked_lm_head_wrong_table(contract):
    """MaskedLMHead: a table that doesn't fit is an error"""
    parameters, inputs = contract.draw_parameters(HEAD), HEAD.inputs(contract.rng, (3, 5, DEPTH))
    instance = contract.make(HEAD, parameters)
    for shape in ((1, DEPTH), (TOKENS - 1, DEPTH), (TOKENS, 7), (DEPTH,), (3, TOKENS, DEPTH)):
        table = contract.rng.standard_normal(shape)
        what = f"a table of shape {shape} for {TOKENS} tokens and {DEPTH} features"
        contract.refuses(what, partial(instance.forward, inputs[0], table))
    contract.both_of(HEAD, parameters, inputs)


def states(parity, make, worker, shapes):
    """The parameters of three instances, two of which get equal generators."""
    made = [make(worker.generator(seed)).state_dict() for seed in (6, 6, 7)]
    return [parity.arrays("the parameters", state, [*shapes.values()]) for state in made]


def drawn(parity, name, made, shape, spread):
    """The values of the first instance, after a look at where they come from and how they vary."""
    one, same, other = (parity.array(name, parity.item(state, name), shape) for state in made)
    parity.holds(f"{name}, same rng", np.array_equal(one, same), f"{name}: not drawn from rng")
    parity.holds(f"{name}, other rng", not (one == other).any(), f"{name}: not drawn from rng")
    found = float(np.sqrt((one**2).mean()) / spread)
    message = f"{name} varies {found:.2f} times as much as it must"
    parity.holds(f"spread of {name}", 0.9 < found < 1.1, message)
    return one


@pytest.mark.check(weight=2, needs="test_bert_embeddings_forward")
def test_bert_embeddings_initial(contract, student, worker, parity):
    """BertEmbeddings: small tables, positions that begin as sines and cosines"""
    shapes = {"token.weight": (90, 32), "position.weight": (512, 32), "segment.weight": (40, 32)}
    shapes |= {"norm.weight": (32,), "norm.bias": (32,)}
    make = student.bert.BertEmbeddings
    made = states(parity, lambda rng: make(90, 32, num_segments=40, rng=rng), worker, shapes)
    for name in ("token.weight", "segment.weight"):
        drawn(parity, name, made, shapes[name], 0.1)
    angles = np.arange(512)[:, np.newaxis] * 10000.0 ** (-np.arange(0, 32, 2) / 32)
    waves = 0.3 * np.stack([np.sin(angles), np.cos(angles)], axis=-1).reshape(512, 32)
    parity("position.weight", parity.item(made[0], "position.weight"), waves)
    usual = make(TOKENS, DEPTH)
    parity.array("segments", usual.read("segment.weight.data"), (2, DEPTH))
    parity.equal("p of the dropout", usual.read("dropout.p"), 0.1)
    contract.parameter_grads(EMBEDDINGS, (4, 5))


@pytest.mark.check(needs="test_masked_lm_head_forward")
def test_masked_lm_head_initial(contract, student, worker, parity):
    """MaskedLMHead: drawn from the generator, but for its bias"""
    shapes = {"dense.weight": (32, 32), "dense.bias": (32,), "bias": (90,)}
    shapes |= {"norm.weight": (32,), "norm.bias": (32,)}
    make = student.bert.MaskedLMHead
    made = states(parity, lambda rng: make(90, 32, rng=rng), worker, shapes)
    drawn(parity, "dense.weight", made, (32, 32), 1 / math.sqrt(3 * 32))
    parity("bias", parity.item(made[0], "bias"), np.zeros(90), trivial=True)
    contract.both(HEAD, (3, 5, DEPTH))


@pytest.mark.check(weight=2, needs="test_bert_forward")
def test_bert_initial(contract, student, worker, parity):
    """Bert: every matrix of encoder and head is drawn by itself, from torch's interval"""
    larger = {DEPTH: 32, 3 * DEPTH: 96, WIDTH: 40, TOKENS: 90}
    shapes = {
        name: tuple(larger.get(n, n) for n in shape) for name, shape in bert(2).parameters.items()
    }
    sizes, options = (90, 32, 2, 2, 40), {"max_len": LONGEST, "num_segments": SEGMENTS}
    make = student.bert.Bert
    made = states(parity, lambda rng: make(*sizes, **options, rng=rng), worker, shapes)
    first = []
    for name, shape in shapes.items():
        if len(shape) == 2 and name.startswith(("encoder", "head")):
            bound = math.sqrt(6 / sum(shape))
            values = drawn(parity, name, made, shape, bound / math.sqrt(3))
            largest = float(np.abs(values).max() / bound)
            message = f"{name}: {largest:.3f} times the bound of √(6 / (rows + columns))"
            parity.holds(f"range of {name}", 0.9 < largest <= 1, message)
            copied = any(np.array_equal(values, one) for one in first)
            parity.holds(f"{name} by itself", not copied, f"{name} is that of another layer")
            first.append(values)
    table = "embeddings.token.weight"
    drawn(parity, table, made, shapes[table], 0.1)
    for name in ("head.bias", "head.norm.bias"):
        parity(name, parity.item(made[0], name), np.zeros(shapes[name]), trivial=True)
    contract.parameter_grads(bert(2), (3, 4))


@pytest.mark.check(weight=2, needs="test_bert_forward")
def test_bert_defaults(contract, student, parity):
    """Bert: what isn't said is as in the base model of the paper"""
    make = student.bert.Bert
    deep, layer = make(TOKENS, DEPTH, HEADS), bert(12)
    usual = {WIDTH: 3072, LONGEST: 512, SEGMENTS: 2}
    shapes = [tuple(usual.get(n, n) for n in shape) for shape in layer.parameters.values()]
    parity.arrays("the parameters", deep.state_dict(), shapes)
    parity.equal("p of the embeddings", deep.read("embeddings.dropout.p"), 0.1)
    parity.equal("p of a layer", deep.read("encoder.layers.11.dropout2.p"), 0.1)
    wide = make(TOKENS, num_layers=1, dim_feedforward=4)
    parity.array("tokens", wide.read("embeddings.token.weight.data"), (TOKENS, 768))
    parity.equal("heads", wide.read("encoder.layers.0.self_attn.num_heads"), 12)
    contract.parameter_grads(bert(norm_first=False), (3, 4))


@pytest.mark.check(weight=2, needs="test_bert_forward")
def test_bert_tied(contract, parity):
    """Bert: one table at both ends, also after it was changed"""
    parameters, inputs = contract.draw_parameters(BERT), BERT.inputs(contract.rng, (4, 5))
    instance = contract.make(BERT, parameters)
    instance.forward(*inputs)
    for factor in (1.5, 0.5):
        table = factor * parameters["embeddings.token.weight"]
        instance.embeddings.token.weight.data = table
        changed = parameters | {"embeddings.token.weight": table}
        compare_tables(
            contract, BERT, instance, changed, inputs, "embeddings.", f", the table times {factor}"
        )
        instance.zero_grad()
    shapes = [*bert().parameters.values()]
    parity.arrays("the parameters, each once", instance.state_dict(), shapes)


### END HIDDEN TESTS
