r"""The "embedding reconstruction error" (paper, Table 2), which the paper does not define.

Of a network that can be inverted it is how far :math:`f^{-1}(f(x))` is from the input x, the embeddings of
pairs. In exact arithmetic that is 0, trained or not; what is measured is rounding. A perceptron has no
inverse: there it is what a decoder leaves that was fitted to take f(x) back to x. On equal terms both get the
decoder.
"""

import copy

import torch

from fourmasks.lunet.flows.bijection import Bijection
from fourmasks.lunet.flows.flow import LUFlow
from fourmasks.lunet.models.adam import FlatAdam
from fourmasks.lunet.models.batches import DTYPES
from fourmasks.lunet.models.networks import MLP
from fourmasks.lunet.models.passes import MLPPass

BATCH_SIZE, LEARNING_RATE = 256, 2e-3


@torch.no_grad()
def round_trip(network: torch.nn.Module | None, x: torch.Tensor) -> dict[str, float]:
    """Return the error of inverting a network on inputs x (n, d), computed in both precisions.

    Parameters
    ----------
    network : Bijection or None
        None is the identity. Its numbers are those that it has, whatever the precision of the computation.
    x : Tensor (n, d)

    Returns
    -------
    dict of str to float
        For "float32" and "float64" "reconstruction_mse_float32", the mean squared difference by coordinate,
        and "reconstruction_error_float32", the Frobenius norm of the difference over that of x. Empty for a
        network without an inverse.
    """
    if network is not None and not isinstance(network, Bijection):
        return {}
    found = {}
    for name, dtype in DTYPES.items():
        points, back = x.to(dtype), x.to(dtype)
        if network is not None:
            exact = copy.deepcopy(network).to(dtype)
            with exact.frozen():
                back = exact.inverse(exact(points))
        difference = back.double() - points.double()
        found[f"reconstruction_mse_{name}"] = float(difference.square().mean())
        found[f"reconstruction_error_{name}"] = float(difference.norm() / points.double().norm())
    return found


def conditions(network: torch.nn.Module | None) -> dict[str, float]:
    """Return the largest condition numbers of L and of U over the layers of an LU flow; else nothing.

    "log10_condition" is the logarithm of the product of them all, which bounds that of the product of the
    layers' matrices.
    """
    if not isinstance(network, LUFlow):
        return {}
    numbers = torch.tensor(network.condition_numbers(), dtype=torch.float64)
    largest = numbers.amax(0).tolist()
    names = ("condition_lower", "condition_upper")
    return dict(zip(names, largest, strict=True)) | {"log10_condition": float(numbers.log10().sum())}


def decoded(
    network: torch.nn.Module,
    x: torch.Tensor,
    x_test: torch.Tensor,
    *,
    n_layers: int,
    epochs: int,
    generator: torch.Generator,
) -> dict[str, float]:
    """Return what decoders fitted to f(x) and x leave on other points.

    One is affine, the least-squares solution. The other adds a perceptron of M layers, with as many
    parameters as the network; it is fitted by Adam to what the first leaves, batch size 256 and learning rate
    2e-3, all numbers standardized.

    Parameters
    ----------
    network : torch.nn.Module
    x, x_test : Tensor (n, d) and (m, d)
        Inputs to fit with, and to measure on.
    n_layers, epochs : int
    generator : torch.Generator
        Of the start and of the order.

    Returns
    -------
    dict of str to float
        "affine_decoder_mse" and "decoder_mse", mean squared differences by coordinate, and
        "affine_decoder_share" and "decoder_share", the same over the variance of x, which is what a constant
        guess leaves.
    """
    with torch.no_grad():
        z, z_test = network(x), network(x_test)
        affine = _affine(z, x)
        rest = x - affine(z)
        scale = _deviation(rest)
        perceptron = _fitted_perceptron(_standardized(z, z), rest / scale, n_layers, epochs, generator)
        left = x_test - affine(z_test)
        lefts = {"affine_decoder": left, "decoder": left - perceptron(_standardized(z_test, z)) * scale}
        variance = float((x_test - x.mean(0)).square().mean())
    errors = {name: float(left.square().mean()) for name, left in lefts.items()}
    return {f"{name}_mse": error for name, error in errors.items()} | {
        f"{name}_share": error / variance for name, error in errors.items()
    }


def _affine(z, x):
    """Return the affine map that takes z to x best."""

    def with_one(part):
        return torch.cat((part, torch.ones_like(part[:, :1])), 1)

    solution = torch.linalg.lstsq(with_one(z).double().cpu(), x.double().cpu(), driver="gelsd").solution
    solution = solution.to(x)
    return lambda part: with_one(part) @ solution


def _fitted_perceptron(inputs, targets, n_layers, epochs, generator) -> MLP:
    network = MLP(inputs.shape[1], n_layers, generator=generator).to(inputs)
    network.weights[-1].zero_()  # it begins with nothing to add
    network.biases[-1].zero_()
    optimizer, passing = FlatAdam(network, LEARNING_RATE), MLPPass(network)
    for _ in range(epochs):
        for batch in torch.randperm(len(inputs), generator=generator).to(inputs.device).split(BATCH_SIZE):
            errors = passing.forward(inputs[batch]) - targets[batch]
            passing.backward(errors * (2 / errors.numel()))
            optimizer.step()
    return network


def _deviation(part):
    deviation = part.std(0, correction=0)
    return torch.where(deviation > 0, deviation, 1.0)


def _standardized(part, whole):
    return (part - whole.mean(0)) / _deviation(whole)
