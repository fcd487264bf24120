"""Small cases of ScaledDotProductAttention: lengths and depths that differ, all kinds of masks."""

from functools import partial

import numpy as np

from autograder.layers import Probe, as_float32, excuse_gradient

NAME = "ScaledDotProductAttention"
INPUTS = ("query", "key", "value")
INF = np.inf


def draw(rng, queries, keys, depth=1, value_depth=1, lead=()):
    """Query, key, value, and a gradient of the output."""
    shapes = ((queries, depth), (keys, depth), (keys, value_depth), (queries, value_depth))
    query, key, value, grad_out = (rng.standard_normal((*lead, *shape)) for shape in shapes)
    return query / 2, key / 2, value, grad_out


def make(scene):
    return scene.student.attention.ScaledDotProductAttention()


def compare(scene, instance, arrays, options):
    """Output, weights and gradients."""
    parity, (*inputs, grad_out) = scene.parity, arrays
    expected = scene.oracle.attention(*inputs, **options, grad_out=grad_out)
    got = parity.parts("what forward returned", instance.forward(*inputs, **options), 2)
    for name, part in zip(("output", "weights"), got, strict=True):
        parity(name, part, getattr(expected, name).astype(grad_out.dtype))
    parts = parity.parts("what backward returned", instance.backward(grad_out), 3)
    for name, part in zip(INPUTS, parts, strict=True):
        wanted = getattr(expected, f"grad_{name}").astype(grad_out.dtype)
        parity(f"gradient of {name}", part, wanted)
    if parity.inquires and "output" in parity.evidence and grad_out.dtype == np.float64:
        excuse(parity, instance, inputs, options, grad_out, parts)


def excuse(parity, instance, inputs, options, grad_out, parts):
    """Gradients that are those of the submission's own forward are no fault of backward."""
    for place, part in enumerate(parts):

        def output(moved, place=place):
            given = [*inputs[:place], moved, *inputs[place + 1 :]]
            return instance.forward(*given, **options)[0]

        label = f"gradient of {INPUTS[place]}"
        if label in parity.evidence:
            excuse_gradient(parity, label, output, inputs[place], grad_out, part)


def lengths(queries, keys, *_):
    return f"{queries} quer{'y' if queries == 1 else 'ies'} and {keys} key{'s'[: keys - 1]}"


def title(sizes, options):
    """The case in a few words."""
    queries, keys, *depths = sizes.get("shape")
    words = [lengths(queries, keys)]
    if depths:
        words.append(f"E = {depths[0]}, Ev = {depths[1]}")
    if sizes.get("lead"):
        words.append(f"leading axes {sizes['lead']}")
    if "attn_mask" in options:
        words.append(f"attn_mask = {options['attn_mask'].tolist()}")
    if options.get("is_causal"):
        words.append("is_causal")
    return f"{NAME}, {', '.join(words)}"


def case(*shape, lead=(), **options):
    """Everything for these lengths: queries, keys, E, Ev."""

    def run(scene):
        compare(scene, make(scene), draw(scene.rng, *shape, lead=lead), options)

    return Probe(NAME, title({"shape": shape, "lead": lead}, options), run)


def large(query):
    """Scores that exp makes infinity or 0 of."""
    query = np.array(query)

    def run(scene):
        value, grad_out = scene.rng.standard_normal((2, 1)), np.ones_like(query)
        compare(scene, make(scene), (query, np.array([[1.0], [2.0]]), value, grad_out), {})

    return Probe(NAME, f"{NAME}, query {query.tolist()}, key [[1.0], [2.0]]", run)


def single(*shape, **options):
    """The same in float32."""

    def run(scene):
        arrays = [as_float32(array) for array in draw(scene.rng, *shape)]
        compare(scene, make(scene), arrays, options)

    return Probe(NAME, f"{title({'shape': shape}, options)}, float32", run)


def masked(scores, mask):
    """apply_mask alone."""
    scores, mask = np.array(scores), np.array(mask)

    def run(scene):
        got = scene.student.attention.apply_mask(scores, mask)
        scene.parity("masked scores", got, MASKED[str(mask.tolist())])

    return Probe(NAME, f"apply_mask, mask {mask.tolist()}", run)


MASKED = {
    "[True, False]": np.array([2.0, -INF]),
    "[True, True]": np.array([2.0, 3.0]),
    "[[True], [True]]": np.array([[2.0, 3.0], [1.0, 4.0]]),
    "[[True], [False]]": np.array([[2.0, 3.0], [-INF, -INF]]),
    "[0.0, -1.0]": np.array([2.0, 2.0]),
}


def untouched(*shape, mask=None):
    """Inputs, mask and grad_out stay as they are."""

    def run(scene):
        *inputs, grad_out = draw(scene.rng, *shape)
        given = dict(zip(INPUTS, inputs, strict=True)) | ({} if mask is None else {"mask": mask})
        kept = {name: scene.worker.keep(array) for name, array in given.items()}
        upstream, instance = scene.worker.keep(grad_out), make(scene)
        instance.forward(*kept.values())
        instance.backward(upstream)
        for name, value in given.items():
            scene.parity(f"{name} after both", scene.worker.fetch(kept[name]), value)
        scene.parity("grad_out after both", scene.worker.fetch(upstream), grad_out)

    with_mask = "" if mask is None else ", a mask"
    return Probe(NAME, f"what becomes of the inputs, {lengths(*shape)}{with_mask}", run)


def scores_untouched(function, scores, *rest):
    """apply_mask and softmax leave the scores alone."""

    def run(scene):
        kept = scene.worker.keep(scores)
        getattr(scene.student.attention, function)(kept, *rest)
        scene.parity("the scores", scene.worker.fetch(kept), scores)

    return Probe(NAME, f"what {function} does to {scores.tolist()}", run)


def refused(what, words, shapes, error="a ValueError", **options):
    """Inputs or masks that don't fit together are an error."""

    def run(scene):
        arrays = [scene.rng.standard_normal(shape) for shape in shapes]
        call = partial(make(scene).forward, *arrays, **options)
        scene.parity.refuses(what, call, error)

    return Probe(NAME, f"{what}: {words}", run)


def gradient_refused(other, lead):
    """A grad_out of another shape than the output is an error."""

    def run(scene):
        instance, arrays = make(scene), draw(scene.rng, 2, 3, lead=lead)
        instance.forward(*arrays[:3])
        call = partial(instance.backward, scene.rng.standard_normal(other))
        scene.parity.refuses("a grad_out of another shape", call, "a ValueError")

    return Probe(NAME, f"grad_out of shape {other}, not {(*lead, 2, 1)}", run)


def second_call():
    """A call without a mask after one with a mask: nothing of the first is left."""

    def run(scene):
        instance, arrays = make(scene), draw(scene.rng, 2, 2)
        instance.forward(*arrays[:3], np.array([[True, False], [True, True]]))
        compare(scene, instance, draw(scene.rng, 1, 3, 2, 2), {})

    return Probe(NAME, f"{NAME}, a second call without the first one's mask", run)


ONE, LEAD = ((1, 2), (2, 2), (2, 1)), ((2, 1, 2), (2, 3, 2), (2, 3, 1))
TOGETHER = "a mask and is_causal"
UNFIT = "shapes that don't fit"
ONLY = np.array([[True, False]])
SOME = np.array([[True, False, True], [False, True, True]])
NONE = np.array([[True, False, True], [False, False, False]])

PROBES = [
    case(1, 2),
    case(2, 1),
    case(1, 2, 2, 1),
    case(1, 2, 1, 2),
    case(2, 2),
    case(2, 3, 4, 2),
    case(3, 2, 2, 2),
    case(2, 3, 4, 5, lead=(2,)),
    case(3, 2, 4, 2, lead=(2, 2)),
    case(2, 2, 3, 1, lead=(1, 2)),
    large([[800.0]]),
    large([[-800.0]]),
    large([[-900.0], [-800.0]]),
    large([[800.0], [-800.0]]),
    large([[-800.0], [800.0]]),
    large([[-1e9]]),
    large([[-2e9], [1.0]]),
    case(1, 2, attn_mask=ONLY),
    case(2, 3, 2, 4, attn_mask=SOME),
    case(2, 3, 2, 1, attn_mask=np.array([True, False, True])),
    case(2, 3, lead=(2,), attn_mask=SOME[:, None]),
    case(1, 2, attn_mask=np.array([[0.0, -1.0]])),
    case(1, 3, 4, 1, attn_mask=np.array([[0.0, 2.0, -INF]])),
    case(2, 3, 4, 1, attn_mask=np.array([[0.5, -2.0, 1.0], [1.0, 0.0, -INF]])),
    case(2, 2, is_causal=True),
    case(3, 3, 4, 2, is_causal=True),
    case(2, 4, is_causal=True),
    case(3, 2, lead=(2,), is_causal=True),
    case(1, 2, attn_mask=np.array([[False, False]])),
    case(2, 3, 4, 2, attn_mask=NONE),
    case(1, 2, attn_mask=np.array([[-INF, -INF]])),
    single(1, 2, 2, 1),
    single(2, 3, 2, 1, attn_mask=SOME),
    single(1, 2, 2, 1, attn_mask=np.array([[0.5, -2.0]])),
    masked([2.0, 3.0], [True, True]),
    masked([2.0, 3.0], [True, False]),
    masked([[2.0, 3.0], [1.0, 4.0]], [[True], [True]]),
    masked([[2.0, 3.0], [1.0, 4.0]], [[True], [False]]),
    masked([2.0, 3.0], [0.0, -1.0]),
    untouched(1, 2, 4, 1),
    untouched(2, 3, 4, 2, mask=np.array([[0.5, -2.0, 1.0]])),
    scores_untouched("apply_mask", np.array([2.0, 3.0]), np.array([1.0, -1.0])),
    scores_untouched("apply_mask", np.array([[1.0], [4.0]]), np.array([[2.0], [-1.0]])),
    scores_untouched("softmax", np.array([[2.0, 3.0]])),
    scores_untouched("softmax", np.array([[1.0, 4.0], [0.0, 5.0]])),
    refused(UNFIT, "keys and values without the batch", ((2, 1, 1), (1, 2, 1), (1, 2, 1))),
    refused(UNFIT, "values of one example", ((2, 1, 1), (2, 2, 1), (1, 2, 1))),
    refused("a mask that doesn't fit", "more axes", ONE, attn_mask=np.ones((2, 1, 2), bool)),
    refused(
        "a mask of whole numbers", "[[1, 0]]", ONE, "a TypeError", attn_mask=np.array([[1, 0]])
    ),
    refused("a mask of whole numbers", "[1, 1]", ONE, "a TypeError", attn_mask=np.array([1, 1])),
    refused(TOGETHER, "[[True]]", ONE, attn_mask=np.array([[True]]), is_causal=True),
    refused(TOGETHER, "[[1.0]]", ONE, attn_mask=np.array([[1.0]]), is_causal=True),
    refused(TOGETHER, "[[1.0, 2.0]]", ONE, attn_mask=np.array([[1.0, 2.0]]), is_causal=True),
    refused(TOGETHER, "[[False]]", ONE, attn_mask=np.array([[False]]), is_causal=True),
    refused(TOGETHER, "[[0.0]]", ONE, attn_mask=np.array([[0.0]]), is_causal=True),
    gradient_refused((1, 2, 1), (2,)),
    gradient_refused((2, 2, 1), ()),
    second_call(),
]
