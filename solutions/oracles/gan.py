"""Losses, gradients and steps of a generative adversarial network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn.functional import binary_cross_entropy_with_logits

Array = NDArray[Any]


def gan(
    name: str,
    args: Sequence[Any] = (),
    options: Mapping[str, Any] | None = None,
    parameters: Mapping[str, Array] | None = None,
    inputs: Sequence[Array] = (),
    grad_out: Array | float | None = None,
    *,
    training: bool = True,
    picked: Mapping[str, Array] | None = None,
    rate: float = 0.0,
) -> dict[str, Array]:
    """Run one of the parts of week 9, made of torch's layers, forward and backward.

    Args:
        name: "Generator", "Discriminator", "DiscriminatorLoss", "GeneratorLoss": args, options,
            parameters, inputs, grad_out, training and picked are as for the oracle `layer`. Or
            "discriminator_step", "generator_step": `options` are those of both networks, by the
            names "generator", "discriminator" and "kind"; `parameters` those of both, behind these
            names; inputs the real images and z, or z; `rate` that of a step of SGD.
    Returns:
        As the oracle `layer`. Of a step: "loss", and of the network that moves "grad_<parameter>"
        and "moved_<parameter>", each with the name of its network before.
    """
    torch.set_num_threads(1)
    if name.endswith("_step"):
        return step(name, dict(options or {}), parameters or {}, inputs, rate)
    made = {"Generator": generator, "Discriminator": discriminator}
    leaves = [leaf(value) for value in inputs]
    if name in made:
        model = made[name](*args, **dict(options or {})).double().train(training)
        model.load_state_dict(tensors(parameters or {}), strict=False)
        output = model(*leaves)
    else:
        model = nn.Module()
        output = loss_of(name, leaves, *args, **dict(options or {}))
    result = {"output": output.detach().numpy()}
    if grad_out is not None:
        output.backward(torch.as_tensor(grad_out, dtype=torch.float64))
        for index, source in enumerate(leaves):
            result[f"grad_input_{index}" if index else "grad_input"] = gradient(source)
        result |= {f"grad_{n}": gradient(p) for n, p in model.named_parameters()}
    if picked is not None:
        return {key: result[key].reshape(-1)[places] for key, places in picked.items()}
    return result


class Network(nn.Module):
    def __init__(self, *layers: nn.Module) -> None:
        super().__init__()
        self.layers = nn.Sequential(*layers)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        output: torch.Tensor = self.layers(x)
        return output


def generator(
    latent_dim: int = 16, hidden: Sequence[int] = (64, 128), features: int = 64
) -> nn.Module:
    widths = [latent_dim, *hidden]
    layers: list[nn.Module] = []
    for before, after in zip(widths, hidden, strict=False):
        layers += [nn.Linear(before, after), nn.BatchNorm1d(after), nn.ReLU()]
    return Network(*layers, nn.Linear(widths[-1], features), nn.Tanh())


def discriminator(
    features: int = 64, hidden: Sequence[int] = (128, 64), negative_slope: float = 0.2
) -> nn.Module:
    widths = [features, *hidden]
    layers: list[nn.Module] = []
    for before, after in zip(widths, hidden, strict=False):
        layers += [nn.Linear(before, after), nn.LeakyReLU(negative_slope)]
    return Network(*layers, nn.Linear(widths[-1], 1))


def loss_of(
    name: str, logits: Sequence[torch.Tensor], kind: str = "non_saturating"
) -> torch.Tensor:
    if name == "DiscriminatorLoss":
        return against(logits[0], 1) + against(logits[1], 0)
    return -against(logits[0], 0) if kind == "minimax" else against(logits[0], 1)


def against(logits: torch.Tensor, target: float) -> torch.Tensor:
    return binary_cross_entropy_with_logits(logits, torch.full_like(logits, target))


def step(
    name: str,
    options: dict[str, Any],
    parameters: Mapping[str, Array],
    inputs: Sequence[Array],
    rate: float,
) -> dict[str, Array]:
    """One step of one network, as torch's users write it: the other's output is detached."""
    kind = options.pop("kind", "non_saturating")
    models = {
        "generator": generator(*options["generator"]).double(),
        "discriminator": discriminator(*options["discriminator"]).double(),
    }
    for model_name, model in models.items():
        own = {
            key.removeprefix(f"{model_name}."): value
            for key, value in parameters.items()
            if key.startswith(f"{model_name}.")
        }
        model.load_state_dict(tensors(own), strict=False)
    moving = name.removesuffix("_step")
    *real, z = map(leaf, inputs)
    images, judge = models["generator"](z), models["discriminator"]
    if real:
        loss = loss_of("DiscriminatorLoss", [judge(real[0]), judge(images.detach())])
    else:
        loss = loss_of("GeneratorLoss", [judge(images)], kind)
    optimizer = torch.optim.SGD(models[moving].parameters(), rate)
    torch.autograd.backward(loss)
    optimizer.step()
    result = {"loss": loss.detach().numpy()}
    for key, parameter in models[moving].named_parameters():
        result[f"grad_{moving}.{key}"] = gradient(parameter)
        result[f"moved_{moving}.{key}"] = parameter.detach().numpy()
    return result


def tensors(arrays: Mapping[str, Array]) -> dict[str, torch.Tensor]:
    return {key: torch.from_numpy(value.astype(np.float64)) for key, value in arrays.items()}


def leaf(value: Array) -> torch.Tensor:
    return torch.from_numpy(np.array(value, np.float64)).requires_grad_()


def gradient(source: torch.Tensor) -> Array:
    values: Array = np.zeros(source.shape) if source.grad is None else source.grad.numpy()
    return values
