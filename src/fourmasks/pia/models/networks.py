"""The networks of Multi-VAE and RecVAE, and the divergences in their objectives."""

import math

import torch

from fourmasks.pia.models.sparse_layer import MultinomialOutput, SparseLinear, SparseRows

# RecVAE's prior: weights and log-variances as in its reference implementation.
PRIOR_WEIGHTS = (3 / 20, 3 / 4, 1 / 10)  # of N(0, I), the old posterior, and N(0, e^10 I)
WIDE_LOG_VARIANCE = 10.0
NORM_EPSILON = 0.1  # of its layer normalisations


class MultiVAENetwork(torch.nn.Module):
    """The network of Liang et al. (2018): J - H - R - H - J with tanh, and a multinomial likelihood.

    Weights are drawn after Glorot and Bengio (2010), on the CPU in float32, so that a seed means the same on
    every device and precision; biases start at zero.

    Parameters
    ----------
    n_items, hidden, latent : int
        J, H and R.
    generator : torch.Generator
    """

    def __init__(self, n_items: int, hidden: int, latent: int, generator: torch.Generator):
        super().__init__()
        self.first = SparseLinear(_glorot(n_items, hidden, generator), torch.zeros(hidden))
        self.posterior = _linear(_glorot(hidden, 2 * latent, generator), torch.zeros(2 * latent))
        self.expand = _linear(_glorot(latent, hidden, generator), torch.zeros(hidden))
        self.output = MultinomialOutput(_glorot(n_items, hidden, generator), torch.zeros(n_items))

    def encode(self, rows: SparseRows) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and log-variance, each (n, R), of the posteriors."""
        return self.posterior(torch.tanh(self.first(rows))).chunk(2, dim=1)

    def nll(self, z: torch.Tensor, targets: SparseRows) -> torch.Tensor:
        """Return the negative log-likelihood (n,) of the targets."""
        return self.output.nll(torch.tanh(self.expand(z)), targets)

    def scores(self, z: torch.Tensor) -> torch.Tensor:
        """Return the logits (n, J) of all items."""
        return self.output.scores(torch.tanh(self.expand(z)))


class RecVAENetwork(torch.nn.Module):
    """The network of Shenbin et al. (2020): five densely connected layers and a linear decoder.

    Layer l gets the output of the one before and adds those of all before it, h_l = LayerNorm(swish(W_l
    h_{l-1} + b_l + h_1 + ... + h_{l-1})). All numbers are drawn as torch.nn.Linear does, uniformly up to one
    over the root of a layer's inputs.

    Parameters
    ----------
    n_items, hidden, latent : int
        J, H and R.
    generator : torch.Generator
    """

    def __init__(self, n_items: int, hidden: int, latent: int, generator: torch.Generator):
        super().__init__()

        def draw(n_in, n_out):
            bound = n_in**-0.5
            return (bound * (2 * torch.rand(n, n_out, generator=generator) - 1) for n in (n_in, 1))

        self.first = SparseLinear(*(part.squeeze(0) for part in draw(n_items, hidden)))
        self.layers = torch.nn.ModuleList(_linear(*draw(hidden, hidden)) for _ in range(4))
        self.norms = torch.nn.ModuleList(torch.nn.LayerNorm(hidden, eps=NORM_EPSILON) for _ in range(5))
        self.posterior = _linear(*draw(hidden, 2 * latent))
        weight, bias = draw(latent, n_items)
        self.output = MultinomialOutput(weight.T.contiguous(), bias.squeeze(0))

    def encode(self, rows: SparseRows) -> tuple[torch.Tensor, torch.Tensor]:
        """Return mean and log-variance, each (n, R), of the posteriors."""
        swish = torch.nn.functional.silu
        last = total = self.norms[0](swish(self.first(rows)))
        for layer, norm in zip(self.layers, self.norms[1:], strict=True):
            last = norm(swish(layer(last) + total))
            total = total + last
        return self.posterior(last).chunk(2, dim=1)

    def nll(self, z: torch.Tensor, targets: SparseRows) -> torch.Tensor:
        """Return the negative log-likelihood (n,) of the targets."""
        return self.output.nll(z, targets)

    def scores(self, z: torch.Tensor) -> torch.Tensor:
        """Return the logits (n, J) of all items."""
        return self.output.scores(z)

    def encoder_parameters(self) -> list[torch.nn.Parameter]:
        """Return all parameters but those of the decoder."""
        decoder = set(self.decoder_parameters())
        return [parameter for parameter in self.parameters() if parameter not in decoder]

    def decoder_parameters(self) -> list[torch.nn.Parameter]:
        return list(self.output.parameters())


def sample(mean: torch.Tensor, log_variance: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Return z, the mean plus standard deviation times standard normal noise (n, R)."""
    return mean + noise * torch.exp(0.5 * log_variance)


def standard_divergence(mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Return KL(N(mean, exp(log_variance)) || N(0, I)) of each row (n,), in closed form."""
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).sum(1)


def log_normal(z: torch.Tensor, mean: torch.Tensor, log_variance: torch.Tensor) -> torch.Tensor:
    """Return the logarithm of the normal density at each number of z."""
    return -0.5 * (math.log(2 * math.pi) + log_variance + (z - mean).square() * torch.exp(-log_variance))


def composite_log_prior(
    z: torch.Tensor, old_mean: torch.Tensor, old_log_variance: torch.Tensor
) -> torch.Tensor:
    """Return the logarithm (n, R) of RecVAE's prior at each number of z (n, R).

    Each coordinate by itself has a mixture of three normal distributions with weights `PRIOR_WEIGHTS`: the
    standard one, the user's posterior under the old encoder (n, R), and a wide one. So does the reference
    implementation, where the paper mixes distributions of whole vectors.
    """
    zero = torch.zeros_like(old_mean)
    parts = [
        log_normal(z, zero, zero),
        log_normal(z, old_mean, old_log_variance),
        log_normal(z, zero, zero + WIDE_LOG_VARIANCE),
    ]
    weighted = [part + math.log(weight) for part, weight in zip(parts, PRIOR_WEIGHTS, strict=True)]
    return torch.stack(weighted).logsumexp(0)


def composite_divergence(
    z: torch.Tensor,
    mean: torch.Tensor,
    log_variance: torch.Tensor,
    old_mean: torch.Tensor,
    old_log_variance: torch.Tensor,
) -> torch.Tensor:
    """Return ln q(z) - ln p(z) of each row (n,): one sample's estimate of the divergence from the prior."""
    return (log_normal(z, mean, log_variance) - composite_log_prior(z, old_mean, old_log_variance)).sum(1)


def _glorot(n_in, n_out, generator):
    bound = math.sqrt(6 / (n_in + n_out))
    return bound * (2 * torch.rand(n_in, n_out, generator=generator) - 1)


def _linear(weight, bias):
    """Return a dense layer with a weight (n_in, n_out) and a bias, of shape (n_out,) or (1, n_out)."""
    layer = torch.nn.utils.skip_init(torch.nn.Linear, *weight.shape)
    layer.weight, layer.bias = torch.nn.Parameter(weight.T.contiguous()), torch.nn.Parameter(bias.flatten())
    return layer
