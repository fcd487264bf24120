"""PatchEmbedding: patches in the order of reading, the class token, positions, all gradients."""

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
