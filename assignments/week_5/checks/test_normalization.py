"""BatchNorm1d, BatchNorm2d and LayerNorm: outputs, gradients, statistics, modes."""

from autograder.layers import Layer


def shifted(rng, shape):
    """Inputs far enough from mean 0 and variance 1 for a normalization to change them."""
    return rng.normal(1, 2, shape)


def batch_norm(name, **options):
    """BatchNorm1d(4) or BatchNorm2d(4), with the shapes of its parameters."""
    shapes = {} if options.get("affine") is False else {"weight": (4,), "bias": (4,)}
    return Layer("normalization", name, (4,), options, shapes, shifted)


def layer_norm(*shape, **options):
    """LayerNorm over the last axes, with the shapes of its parameters."""
    shapes = {} if options.get("elementwise_affine") is False else {"weight": shape, "bias": shape}
    normalized_shape = shape if len(shape) == 1 else (shape,)  # LayerNorm(6), LayerNorm((4, 5))
    return Layer("normalization", "LayerNorm", normalized_shape, options, shapes, shifted)


BATCH_1D = batch_norm("BatchNorm1d")
BATCH_2D = batch_norm("BatchNorm2d")
LAYER = layer_norm(6)
VECTORS, IMAGES, ROWS = (6, 4), (5, 4, 3, 2), (5, 3, 6)


def running_statistics(contract, layer, shape):
    """The running mean and variance after three batches of different sizes."""
    batches = [layer.inputs(contract.rng, (shape[0] + more, *shape[1:]))[0] for more in range(3)]
    expected = contract.oracle.running_statistics(
        layer.name, list(layer.args), dict(layer.options), batches
    )
    instance = contract.make(layer, contract.draw_parameters(layer))
    for batch in batches:
        instance.forward(batch)
    contract.parity("running_mean", instance.read("running_mean"), expected.mean)
    contract.parity("running_var", instance.read("running_var"), expected.var)


def in_eval(contract, layer):
    """An instance in eval mode with running statistics of its own; and these and its parameters."""
    parameters = contract.draw_parameters(layer)
    running = {
        "running_mean": contract.rng.standard_normal(4),
        "running_var": contract.rng.uniform(0.5, 2, 4),
    }
    instance = contract.make(layer, parameters)
    for name, values in running.items():
        setattr(instance, name, values)
    instance.eval()
    return instance, parameters | running


def evaluation(contract, layer, shape):
    """The output in eval mode, and that the running statistics stay as they are."""
    instance, state = in_eval(contract, layer)
    inputs = layer.inputs(contract.rng, shape)
    expected = contract.expect(layer, state, inputs, training=False)
    contract.parity("output", instance.forward(*inputs), expected.output)
    for name in ("running_mean", "running_var"):
        contract.parity(f"{name} after forward", instance.read(name), state[name])


test_batch_norm1d_forward = BATCH_1D.forward(VECTORS, title="output in training", weight=3)
test_batch_norm1d_backward = BATCH_1D.backward(
    VECTORS, title="gradient of the input in training", weight=3
)
test_batch_norm1d_parameter_grads = BATCH_1D.parameter_grads(VECTORS, weight=3)
test_batch_norm1d_running_statistics = BATCH_1D.keeps(
    "running mean and variance", running_statistics, VECTORS, weight=3
)
test_batch_norm1d_eval = BATCH_1D.keeps("output in evaluation", evaluation, VECTORS, weight=3)

test_batch_norm2d_forward = BATCH_2D.forward(IMAGES, title="output in training", weight=2)
test_batch_norm2d_backward = BATCH_2D.backward(
    IMAGES, title="gradient of the input in training", weight=2
)
test_batch_norm2d_running_statistics = BATCH_2D.keeps(
    "running mean and variance", running_statistics, IMAGES, weight=2
)

test_layer_norm_forward = LAYER.forward(ROWS, weight=3)
test_layer_norm_backward = LAYER.backward(ROWS, weight=3)
test_layer_norm_parameter_grads = LAYER.parameter_grads(ROWS, weight=2)
