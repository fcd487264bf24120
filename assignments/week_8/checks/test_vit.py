"""VisionTransformer: logits, all gradients, initial weights, defaults, refusals."""

from autograder.layers import Layer

IMAGE, PATCH, CHANNELS, DEPTH, HEADS, WIDTH, CLASSES = (4, 6), 2, 2, 8, 2, 12, 5
TOKENS = 1 + 2 * 3
IMAGES = (3, CHANNELS, *IMAGE)


def encoder(layers, depth, width):
    """The shapes of an encoder's parameters, of so many layers and a norm behind them."""
    shapes = {
        "self_attn.in_proj_weight": (3 * depth, depth),
        "self_attn.in_proj_bias": (3 * depth,),
        "self_attn.out_proj.weight": (depth, depth),
        "self_attn.out_proj.bias": (depth,),
        "linear1.weight": (width, depth),
        "linear1.bias": (width,),
        "linear2.weight": (depth, width),
        "linear2.bias": (depth,),
        **{f"norm{i}.{name}": (depth,) for i in (1, 2) for name in ("weight", "bias")},
    }
    inside = {f"layers.{i}.{name}": s for i in range(layers) for name, s in shapes.items()}
    return inside | {"norm.weight": (depth,), "norm.bias": (depth,)}


def vit(layers=1, depth=DEPTH, width=WIDTH, channels=CHANNELS, classes=CLASSES, **options):
    """A small Vision Transformer, and the shapes of its parameters."""
    parameters = {
        "embedding.projection.weight": (depth, channels, PATCH, PATCH),
        "embedding.projection.bias": (depth,),
        "embedding.class_token": (depth,),
        "embedding.positions": (TOKENS, depth),
        **{f"encoder.{name}": shape for name, shape in encoder(layers, depth, width).items()},
        "head.weight": (classes, depth),
        "head.bias": (classes,),
    }
    args = (IMAGE, PATCH, layers, HEADS, depth, width)
    options = {"num_classes": classes, "in_channels": channels} | options
    made = (args, options, parameters)
    return Layer("vit", "VisionTransformer", *made, oracle="vision_transformer")


VIT = vit()

test_vision_transformer_forward = VIT.forward(IMAGES, title="logits", weight=6)
test_vision_transformer_backward = VIT.backward(IMAGES, title="gradient of the images", weight=5)
