"""The control for the triangles: free matrices, all else as it is."""

import numpy as np
import torch

from fourmasks.learning.metrics import mean_squared_error
from fourmasks.lunet.flows.dense import DenseLayer
from fourmasks.lunet.flows.flow import Flow, LUFlow
from fourmasks.lunet.models.recommender import LUNetRecommender
from fourmasks.lunet.ratings.reconstruction import round_trip
from fourmasks.lunet.ratings.run import MEASURED_PAIRS, parts


def freed(flow: LUFlow) -> Flow:
    """Return the same map with dense layers: each matrix is LU, multiplied out and free from then on.

    As many parameters, d² + d for each layer. Dimension, type, device and activations are those of the flow.
    """
    layers = []
    for layer in flow.layers:
        lower, upper = layer.factors()
        dense = DenseLayer(layer.dimension, layer.activation, generator=torch.Generator()).to(layer.bias)
        with torch.no_grad():
            dense.weight.copy_(lower @ upper)
            dense.bias.copy_(layer.bias)
        layers.append(dense)
    return Flow(layers, flow.dimension)


class FreeRecommender(LUNetRecommender):
    """`LUNetRecommender` with network "lu", whose matrices are free: nothing keeps them LU, or invertible.

    It starts from the very map that the other starts from, sees the same batches, and is trained in the same
    way: a difference in the end is that of the triangles.
    """

    def _train(self, train, criterion, after_epoch, generator) -> None:
        self.model_.network, self.start_.network = freed(self.model_.network), freed(self.start_.network)
        super()._train(train, criterion, after_epoch, generator)


def run_dense(dataset, method, split_seed, validation, seed, device="cpu", **settings) -> dict:
    """Fit the control to one split; the parameters are those of `run.run`.

    Returns
    -------
    dict
        "metrics": test_mse, test_mse_clamped, train_mse of the last epoch, condition_matrix, the largest
        condition number over the layers; those of `reconstruction.round_trip` on pairs of the test;
        n_parameters, n_network_parameters, best_epoch, epochs, training_seconds, step_milliseconds (median
        over epochs).
        "curves", by epoch: train_mse, test_mse, train_loss.
    """
    data = parts(dataset, split_seed, validation)
    test, curve = data.test, []

    def look(model):
        curve.append(mean_squared_error(model.predict(test.users, test.items), test.values))

    model = FreeRecommender(random_state=seed, device=device, **settings).fit(data.train, after_epoch=look)
    chosen = np.random.default_rng(seed).permutation(len(test))[:MEASURED_PAIRS]
    network = model.model_.network
    predicted = model.predict(test.users, test.items)
    steps = -(-len(data.train) // model.batch_size)
    return {
        "metrics": {
            "test_mse": mean_squared_error(predicted, test.values),
            "test_mse_clamped": mean_squared_error(predicted.clip(*test.scale), test.values),
            "train_mse": model.mse_curve_[-1],
            "condition_matrix": max(map(_condition, network.layers)),
            "n_parameters": model.n_parameters_,
            "n_network_parameters": model.n_network_parameters_,
            "best_epoch": model.best_epoch_,
            "epochs": len(curve),
            "training_seconds": sum(model.seconds_),
            "step_milliseconds": 1000 * float(np.median(model.seconds_)) / steps,
        }
        | round_trip(network, model.network_inputs(test.users[chosen], test.items[chosen])),
        "curves": {"train_mse": model.mse_curve_, "test_mse": curve, "train_loss": model.loss_curve_},
    }


def _condition(layer: DenseLayer) -> float:
    return float(torch.linalg.cond(layer.weight.detach().double()))
