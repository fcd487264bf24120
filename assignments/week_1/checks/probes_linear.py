"""Small cases of Linear, from one number up."""

from autograder.layers import Layer


def linear(i, o, **options):
    """Linear(i, o), with the shapes of its parameters."""
    shapes = (
        {"weight": (o, i)} if options.get("bias") is False else {"weight": (o, i), "bias": (o,)}
    )
    return Layer("linear", "Linear", (i, o), options, shapes)


PROBES = [
    *linear(1, 1).probes((1, 1), (2, 1)),
    *linear(2, 1).probes((1, 2), (2, 2)),
    *linear(1, 2).probes((1, 1), (2, 1)),
    *linear(2, 2).probes((1, 2), (3, 2)),
    *linear(3, 3).probes((3, 3)),
    *linear(2, 3).probes((2,), (4, 2), (3, 1, 2)),
    *linear(3, 2).probes((3,), (1, 3), (4, 3), (2, 5, 3)),
    *linear(1, 1, bias=False).probes((1, 1), (2, 1)),
    *linear(3, 2, bias=False).probes((4, 3), (2, 3, 3)),
    *linear(3, 2).promised((2, 3), (4, 3), refused=[(2, 2), (3, 4)]),
    *linear(2, 3).promised((3, 2), (2, 3, 2), refused=[(2, 3), (3, 1)]),
    linear(30, 20).initial_probe(30**-0.5),
    linear(20, 80).initial_probe(20**-0.5),
]
