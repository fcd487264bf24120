"""PatchEmbedding: patches in the order of reading, the class token, positions, all gradients."""

import numpy as np
import pytest

from autograder.layers import Layer

# An image that is no square, and patches that are none: rows and columns can't be mixed up.
IMAGE, PATCH, CHANNELS, DEPTH = (6, 4), (3, 1), 2, 5
TOKENS = 1 + 2 * 4


def embedding(image, patch, channels=CHANNELS, depth=DEPTH):
    """A PatchEmbedding, with the shapes of its parameters, for an image (H, W)."""
    rows, columns = (patch, patch) if isinstance(patch, int) else patch
    count = (image[0] // rows) * (image[1] // columns)
    parameters = {
        "projection.weight": (depth, channels, rows, columns),
        "projection.bias": (depth,),
        "class_token": (depth,),
        "positions": (1 + count, depth),
    }
    args = (image, patch, channels, depth)
    return Layer(
        "patch_embedding", "PatchEmbedding", args, {}, parameters, oracle="vision_transformer"
    )


EMBEDDING = embedding(IMAGE, PATCH)
IMAGES = (3, CHANNELS, *IMAGE)

test_patch_embedding_forward = EMBEDDING.forward(IMAGES, title="tokens", weight=5)
test_patch_embedding_backward = EMBEDDING.backward(IMAGES, title="gradient of the images", weight=5)
### BEGIN HIDDEN TESTS
test_patch_embedding_parameter_grads = EMBEDDING.parameter_grads(
    IMAGES, title="gradients of all parameters, added up", weight=6
)
test_patch_embedding_squares = embedding((4, 8), 2, 3).both(
    (2, 3, 4, 8), title="square patches, three channels", weight=2
)
test_patch_embedding_one_patch = embedding((3, 1), (3, 1)).both(
    (4, CHANNELS, 3, 1), title="a patch as large as the image"
)
test_patch_embedding_batch_of_one = EMBEDDING.batch_of_one(IMAGES)
test_patch_embedding_second_call = EMBEDDING.second_call(IMAGES, (5, CHANNELS, *IMAGE))
test_patch_embedding_float32 = EMBEDDING.float32(IMAGES, weight=2)
test_patch_embedding_unchanged_inputs = EMBEDDING.unchanged_inputs(IMAGES)
test_patch_embedding_non_contiguous = EMBEDDING.non_contiguous(IMAGES)
test_patch_embedding_large_backward = embedding((16, 32), 4).large_backward(
    (32, CHANNELS, 16, 32), weight=2
)
# The first two have as many whole patches as the right ones.
test_patch_embedding_wrong_shape = EMBEDDING.wrong_shape(
    (3, CHANNELS, 3, 8), (3, CHANNELS, 7, 4), (3, 1, 6, 4), (CHANNELS, 6, 4), right=IMAGES
)


@pytest.mark.check(weight=4, needs="test_patch_embedding_forward")
def test_patch_embedding_initial(contract, student, worker, parity):
    """PatchEmbedding: initial class token and positions, the rng, and the convolution's range"""
    layer = embedding((16, 8), 2)
    make, shapes = student.patch_embedding.PatchEmbedding, layer.parameters
    one, same, other = (
        make(*layer.args, rng=worker.generator(seed)).state_dict() for seed in (4, 4, 5)
    )
    parity("class_token", parity.item(one, "class_token"), np.zeros(DEPTH), trivial=True)
    states = [parity.arrays("the parameters", s, [*shapes.values()]) for s in (one, same, other)]
    for name in ("projection.weight", "positions"):
        values, again, others = (state[name] for state in states)
        parity(f"{name}, same rng", again, values, trivial=True)
        message = f"{name} is the same with another rng"
        parity.holds(f"{name}, another rng", not np.array_equal(values, others), message)
    size = float(np.sqrt(np.mean(states[0]["positions"] ** 2)))
    message = f"positions have a root mean square of {size:.4f}, expected about 0.02"
    parity.holds("size of the positions", 0.015 < size < 0.025, message)
    largest = float(np.abs(states[0]["projection.weight"]).max() * np.sqrt(2 * 2 * CHANNELS))
    message = f"projection.weight: {largest:.3f} times the bound of Conv2d"
    parity.holds("range of projection.weight", 0.7 < largest <= 1, message)
    contract.both(EMBEDDING, IMAGES)


@pytest.mark.check(needs="test_patch_embedding_forward")
def test_patch_embedding_wrong_arguments(contract, student):
    """PatchEmbedding: patches that don't fill the image, and sizes below 1, are errors"""
    make = student.patch_embedding.PatchEmbedding
    for image, patch in (((6, 4), (4, 1)), ((6, 4), (3, 3)), (8, 3), (4, 8), (8, 0), (0, 1)):
        what = f"patches of {patch} for an image of {image}"
        contract.refuses(what, lambda i=image, p=patch: make(i, p, 1, DEPTH), "a ValueError")
    contract.both(EMBEDDING, IMAGES)


### END HIDDEN TESTS
