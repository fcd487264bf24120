"""Small cases of ReLU, Sigmoid, Tanh and Softmax, from one number up."""

from dataclasses import replace
from functools import partial

from autograder.layers import Layer, Probe, run_probe

RELU = Layer("activations", "ReLU")
SIGMOID = Layer("activations", "Sigmoid")
TANH = Layer("activations", "Tanh")
SOFTMAX = Layer("activations", "Softmax", options={"dim": -1})
ALONG_0 = Layer("activations", "Softmax", options={"dim": 0})
ALONG_1 = Layer("activations", "Softmax", options={"dim": 1})
UNTOLD = replace(SOFTMAX, build=lambda contract: contract.student.activations.Softmax())

PROBES = [
    *(RELU.probe(x) for x in ([-1], [2], [0], [8], [[-2, 3]], [[0, 0], [1, -1]])),
    *RELU.probes((2, 2), (4, 3), (3, 1, 2)),
    *RELU.promised((2, 3), (4, 2)),
    *RELU.promised((1, 4), (3, 3)),
    *(SIGMOID.probe(x) for x in ([0], [1], [-2], [[1, -1]], [[3, 0], [-4, 6]])),
    *(SIGMOID.probe(x) for x in ([-60], [[-50, 2], [1, -70]])),
    *SIGMOID.probes((4, 3), (3, 1, 2)),
    *(SIGMOID.extreme_probe(x) for x in ([800], [-800], [[0, 900], [-900, 1]])),
    *SIGMOID.promised((2, 3), (4, 2)),
    *SIGMOID.promised((1, 4), (3, 3)),
    *(TANH.probe(x) for x in ([0], [1], [-2], [[1, -1]], [[3, 0.5], [-0.5, 0.25]])),
    *TANH.probes((4, 3), (3, 1, 2)),
    *(TANH.extreme_probe(x) for x in ([800], [-800], [[0, 900], [-900, 1]])),
    *TANH.promised((2, 3), (4, 2)),
    *TANH.promised((1, 4), (3, 3)),
    *(SOFTMAX.probe(x) for x in ([[0]], [[0, 1]], [[1, 1]], [[0], [1]], [[0, 1], [2, 0]])),
    *SOFTMAX.probes((1, 3), (2, 3), (4, 2), (2, 3, 4)),
    Probe("Softmax", "Softmax(), x of shape (2, 3)", partial(run_probe, UNTOLD, (2, 3))),
    Probe("Softmax", "Softmax(), x of shape (2, 3, 2)", partial(run_probe, UNTOLD, (2, 3, 2))),
    *ALONG_0.probes((2, 1), (1, 2), (3, 2), (2, 2), (2, 3, 4)),
    *ALONG_1.probes((2, 3), (2, 3, 4)),
    *(
        SOFTMAX.extreme_probe(x)
        for x in ([[800, 0]], [[-800, -800]], [[0, 1], [-800, -801]], [[900], [0]])
    ),
    *SOFTMAX.promised((2, 3), (4, 2)),
    *ALONG_0.promised((1, 4), (3, 3)),
]
