"""The notebook of week 8: a Vision Transformer and a CNN read digits."""

import numpy as np
import pytest

ARGS, OPTIONS = (8, 2, 2, 4, 32, 64), {"num_classes": 10, "in_channels": 1}
LAYER = {
    "self_attn.in_proj_weight": (96, 32),
    "self_attn.in_proj_bias": (96,),
    "self_attn.out_proj.weight": (32, 32),
    "self_attn.out_proj.bias": (32,),
    "linear1.weight": (64, 32),
    "linear1.bias": (64,),
    "linear2.weight": (32, 64),
    "linear2.bias": (32,),
    **{f"norm{i}.{name}": (32,) for i in (1, 2) for name in ("weight", "bias")},
}
PARAMETERS = {
    "embedding.projection.weight": (32, 1, 2, 2),
    "embedding.projection.bias": (32,),
    "embedding.class_token": (32,),
    "embedding.positions": (17, 32),
    **{f"encoder.layers.{i}.{name}": shape for i in (0, 1) for name, shape in LAYER.items()},
    "encoder.norm.weight": (32,),
    "encoder.norm.bias": (32,),
    "head.weight": (10, 32),
    "head.bias": (10,),
}


def weights(rng):
    """Values for all parameters, large enough for attention to choose."""
    return {name: 0.4 * rng.standard_normal(shape) for name, shape in PARAMETERS.items()}


@pytest.fixture
def learns(notebook, worker, parity, split_digits):
    """Has the notebook train a new model, on other images: logits could be typed in."""

    def learn(name, least, **options):
        x, labels, x_new, labels_new = split_digits()
        x, x_new = (((array - 0.3) / 0.4).astype(np.float32) for array in (x, x_new))
        model = notebook.make(name, worker.generator(3))
        options["rng"] = worker.generator(4)
        logits = notebook.call("train_and_test", model, x, labels, x_new, **options)
        size = len(labels_new), 10
        logits = parity.array("what train_and_test returns", logits, size)
        value = float((logits.argmax(axis=1) == labels_new).mean())
        message = f"{value:.3f} of other digits, trained anew, at least {least} is needed"
        parity.holds(f"accuracy of {name}", value >= least, message)
        own = worker.call("given.training.predict", model, x_new)
        own = parity.array("what the trained model predicts", own, size)
        parity("logits of the trained model", logits, own, rtol=1e-3)

    return learn


@pytest.mark.check(weight=5)
@pytest.mark.usefixtures("figures")
def test_vit_accuracy(notebook, parity, digits, data, learns):
    """Accuracy of the Vision Transformer on unseen digits, and of the CNN"""
    _, (_, labels) = data.train_test_split(*digits, rng=np.random.default_rng(8))
    said = notebook.read("accuracies")
    for name, variable in (("ViT", "vit_logits"), ("CNN", "cnn_logits")):
        logits = parity.array(variable, notebook.read(variable), (len(labels), 10))
        value = float((logits.argmax(axis=1) == labels).mean())
        message = f"the {name} reads {value:.3f} of the digits, at least 0.9 is needed"
        parity.holds(f"accuracy of {variable}", value >= 0.9, message)
        parity.number(f"accuracies[{name!r}]", parity.item(said, name), value)
    learns("make_vit", 0.6, epochs=4, lr=0.003)


### BEGIN HIDDEN TESTS
@pytest.mark.check(weight=4)
def test_cut(notebook, parity, rng):
    """Patches, cut without a convolution"""
    for shape, size in (((3, 1, 8, 8), 2), ((2, 3, 6, 9), 3)):
        images = rng.standard_normal(shape)
        n, c, h, w = shape
        wanted = [
            images[:, :, i : i + size, j : j + size].reshape(n, c * size * size)
            for i in range(0, h, size)
            for j in range(0, w, size)
        ]
        got = notebook.call("cut", images, size)
        parity(f"patches of {size} by {size} of {shape}", got, np.stack(wanted, axis=1))


@pytest.mark.check(weight=4)
def test_make_vit(notebook, worker, oracle, parity, rng):
    """The Vision Transformer: its parts and its logits"""
    model, state = notebook.make("make_vit", worker.generator(5)), weights(rng)
    parity.arrays("parameters", model.state_dict(), [*PARAMETERS.values()])
    model.load_state_dict(state)
    x = rng.random((6, 1, 8, 8))
    run = ("VisionTransformer", ARGS, OPTIONS, state, [x])
    parity("logits", model.forward(x), oracle.vision_transformer(*run).output)


@pytest.mark.check(weight=4)
def test_rollout(notebook, parity, rng):
    """Attention rollout"""
    for layers, heads, length in ((1, 2, 3), (3, 4, 7)):
        maps = rng.dirichlet(np.ones(length), (layers, heads, length))
        wanted = np.eye(length)
        for one in maps:
            wanted = (one.mean(axis=0) + np.eye(length)) / 2 @ wanted
        got = notebook.call("rollout", list(maps))
        parity(f"rollout of {layers} layers", got, wanted)


@pytest.mark.check(weight=3)
def test_class_attention(notebook, oracle, parity, rng):
    """What the class token looks at"""
    vit, state = notebook.keep("vit"), weights(rng)
    trained = vit.state_dict()
    vit.load_state_dict(state)  # with other weights, it looks elsewhere
    x = rng.random((1, 8, 8))
    wanted = oracle.rollout(ARGS, OPTIONS, state, x[np.newaxis]).rollout[0, 0, 1:].reshape(4, 4)
    got = parity.array("what class_attention returns", notebook.call("class_attention", x), (4, 4))
    parity("what the class token looks at", got, wanted)
    vit.load_state_dict(trained)


### END HIDDEN TESTS
