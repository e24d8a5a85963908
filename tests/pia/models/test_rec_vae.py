"""RecVAE: its prior, its alternating updates, what is learned."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, MixtureSameFamily, Normal

from fourmasks.learning.held_out_users import measure
from fourmasks.pia.models.networks import RecVAENetwork, composite_divergence, composite_log_prior, log_normal
from fourmasks.pia.models.rec_vae import RecVAE
from fourmasks.pia.models.sparse_layer import SparseRows, input_rows

pytestmark = pytest.mark.usefixtures("one_thread")
SMALL = {"hidden": 16, "latent": 4, "batch_size": 40, "dtype": "float64", "learning_rate": 0.005}


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed)).double()


def prior(old_mean, old_log_variance):
    """Return the composite prior as a distribution of torch."""
    means = torch.stack([torch.zeros_like(old_mean), old_mean, torch.zeros_like(old_mean)], -1)
    logs = torch.stack([torch.zeros_like(old_mean), old_log_variance, torch.full_like(old_mean, 10.0)], -1)
    return MixtureSameFamily(
        Categorical(torch.tensor([0.15, 0.75, 0.1]).double()), Normal(means, torch.exp(logs / 2))
    )


def test_the_composite_prior_is_a_mixture():
    old_mean, old_log_variance, z = normal(3, 6, 4)
    z = 5 * z
    torch.testing.assert_close(
        composite_log_prior(z, old_mean, old_log_variance), prior(old_mean, old_log_variance).log_prob(z)
    )
    far = torch.full((1, 4), 1e3).double()  # where two of the three densities are zero in double precision
    assert composite_log_prior(far, old_mean[:1], old_log_variance[:1]).isfinite().all()


def test_the_divergence_is_the_difference_of_the_log_densities():
    mean, log_variance, old_mean, old_log_variance, z = normal(5, 6, 4)
    q = Normal(mean, torch.exp(log_variance / 2))
    torch.testing.assert_close(log_normal(z, mean, log_variance), q.log_prob(z))
    expected = (q.log_prob(z) - prior(old_mean, old_log_variance).log_prob(z)).sum(1)
    torch.testing.assert_close(
        composite_divergence(z, mean, log_variance, old_mean, old_log_variance), expected
    )


def test_the_encoder_is_densely_connected(blocks):
    network = RecVAENetwork(20, 6, 3, torch.Generator().manual_seed(0)).double()
    matrix = blocks(8, 20)
    x = torch.nn.functional.normalize(torch.as_tensor(matrix.toarray()).double(), dim=1)
    inner, norms = network.layers, network.norms
    h = [norms[0](torch.nn.functional.silu(x @ network.first.weight + network.first.bias))]
    for layer, norm in zip(inner, norms[1:], strict=True):
        a = layer(h[-1]) + sum(h)
        h.append(norm(a * torch.sigmoid(a)))
    expected = network.posterior(h[-1])
    torch.testing.assert_close(
        torch.cat(network.encode(input_rows(matrix, dtype=torch.float64)), 1), expected
    )
    assert len(h) == 5 and norms[0].eps == 0.1
    z = normal(8, 3)
    logits = z @ network.output.weight.T + network.output.bias
    torch.testing.assert_close(network.scores(z), logits)
    counts = torch.as_tensor(matrix.toarray()).double()
    targets = SparseRows(matrix, dtype=torch.float64)
    torch.testing.assert_close(network.nll(z, targets), -(counts * torch.log_softmax(logits, 1)).sum(1))


def test_encoder_and_decoder_take_turns(blocks, monkeypatch):
    """What changes in each step, how often, and with what dropout."""
    log = []

    def spied(name, original):
        def step(self, data, users):
            groups = (self._network.encoder_parameters(), self._network.decoder_parameters())
            anchors = self._learned_anchors()
            before = [[p.detach().clone() for p in group] for group in (*groups, anchors)]
            result = original(self, data, users)
            changed = [
                [not torch.equal(p, q) for p, q in zip(group, old, strict=True)]
                for group, old in zip((*groups, anchors), before, strict=True)
            ]
            log.append((name, *(all(c) if c[0] else any(c) for c in changed)))
            return result

        return step

    for name in ("_encoder_step", "_decoder_step"):
        monkeypatch.setattr(RecVAE, name, spied(name, getattr(RecVAE, name)))
    RecVAE(**SMALL, epochs=2, encoder_epochs=3, alignment="items").fit(blocks(80, 20))  # 2 steps a pass
    encoder, decoder = ("_encoder_step", True, False, True), ("_decoder_step", False, True, False)
    assert log == 2 * (6 * [encoder] + 2 * [decoder])


def test_the_decoder_sees_the_whole_input_and_the_prior_the_last_encoder(blocks, monkeypatch):
    train, shown, olds = blocks(80, 20), [], []
    encode = RecVAENetwork.encode

    def record(self, rows):
        shown.append(int(rows.row_sizes.sum()))
        return encode(self, rows)

    def keep(self, data, original=RecVAE._posteriors):
        olds.append((original(self, data), [p.detach().clone() for p in self._network.encoder_parameters()]))
        return olds[-1][0]

    monkeypatch.setattr(RecVAENetwork, "encode", record)
    monkeypatch.setattr(RecVAE, "_posteriors", keep)
    model = RecVAE(**SMALL | {"batch_size": 80}, epochs=1, encoder_epochs=2, dropout=0.5).fit(train)
    first, *dropped, second, decoding = shown  # the old posteriors, two passes, these again, the decoder's
    assert first == second == decoding == train.nnz
    assert len(dropped) == 2 and all(0.4 * train.nnz < n < 0.6 * train.nnz for n in dropped)
    assert len(olds) == 2
    mean, std = model.posterior(train)  # the encoder has not changed since the second
    np.testing.assert_allclose(olds[1][0][0], mean, rtol=1e-12)
    np.testing.assert_allclose(torch.exp(olds[1][0][1] / 2), std, rtol=1e-12)
    assert not torch.equal(olds[0][0][0], olds[1][0][0])


def test_the_first_objective_is_that_of_a_dense_computation(blocks):
    """One batch, no dropout: the likelihood, beta by the user, the prior at his own posterior."""
    train = blocks(30, 20)
    settings = SMALL | {"batch_size": 30, "dropout": 0.0, "encoder_epochs": 1}
    model = RecVAE(**settings, epochs=1, gamma=0.05, alignment="zero", alignment_weight=0.3).fit(train)
    seed = int(np.random.SeedSequence(0).generate_state(2)[0])
    generator = torch.Generator().manual_seed(seed)
    network = RecVAENetwork(20, 16, 4, generator).double()
    order = torch.randperm(30, generator=generator)
    part = train[order.numpy()]
    x = torch.as_tensor(part.toarray()).double()
    mean, log_variance = network.encode(input_rows(part, dtype=torch.float64))
    z = mean + torch.randn(30, 4, generator=generator).double() * torch.exp(log_variance / 2)
    likelihood = (x * torch.log_softmax(network.scores(z), 1)).sum(1)
    q = Normal(mean, torch.exp(log_variance / 2))
    divergence = (q.log_prob(z) - prior(mean, log_variance).log_prob(z)).sum(1)
    aligned = mean.square().sum(1) + log_variance.exp().sum(1)
    expected = (-likelihood + 0.05 * x.sum(1) * divergence + 0.3 * aligned).mean()
    assert model.training_curve_[0] == pytest.approx(float(expected.detach()), rel=1e-9)


@pytest.mark.parametrize("alignment", ["none", "items"])
def test_it_learns_the_blocks(blocks, fold, alignment):
    train, held_out = blocks(400, 80), fold(blocks(100, 80, seed=1))
    popularity = np.asarray(train.sum(0))
    baseline = measure(lambda rows: np.tile(popularity, (rows.shape[0], 1)), *held_out)["ndcg_at_100"].mean()
    settings = SMALL | {"dtype": "float32", "epochs": 6, "alignment": alignment, "anchor_scale": 0.1}
    model = RecVAE(**settings).fit(train, held_out)
    ours = measure(model.predict, *held_out)["ndcg_at_100"].mean()
    assert ours > baseline + 0.15
    assert ours == pytest.approx(max(model.validation_curve_), abs=1e-6)


def test_the_same_seed_gives_the_same_bits(blocks):
    train = blocks()
    one, same, other = (
        RecVAE(**SMALL, epochs=2, random_state=seed).fit(train).predict(train) for seed in (1, 1, 2)
    )
    assert (one == same).all() and (one != other).any()


@pytest.mark.parametrize(
    ("settings", "message"),
    [({"gamma": -1.0}, "gamma"), ({"encoder_epochs": 0}, "encoder_epochs"), ({"dropout": True}, "dropout")],
)
def test_bad_settings_are_refused(blocks, settings, message):
    with pytest.raises(ValueError, match=message):
        RecVAE(**settings).fit(blocks())
