"""LLORMA: many low-rank models, each for the part of the matrix near one of its entries."""

import torch

from fourmasks.baselines.ratings.fitting import Baseline, factors, row_products
from fourmasks.baselines.ratings.sparse import Pattern

DAMPING = (10.0, 25.0)  # average ratings added to those of each user and of each item
INITIAL_SWEEPS = 5


class LLORMA(Baseline):
    r"""Local low-rank matrix approximation: a weighted mean of low-rank models, one for each anchor.

    An anchor is a training rating drawn at random. Its model :math:`P_t Q_t^\top` is fitted with the weight
    :math:`K(u, u_t) K(i, i_t)` on the squared error of each rating and a ridge on the factors, the models
    independently of one another (the parallel algorithm of the paper). The prediction is the mean of the
    models' with these weights (its Eq. 7). K is the Epanechnikov kernel of the angle between the factors
    that a model of the whole matrix has. Where no anchor is near, that model predicts.

    Two things differ from the paper. The ratings are centred at :math:`\mu + a_u + b_i`, damped averages, so
    that whoever has no ratings is predicted by the others' averages; angles are then spread over the whole
    sphere, and bandwidths are wider than the paper's 0.8. Models are fitted by alternating least squares in
    place of gradient descent: each half of a sweep is exact and needs no learning rate.

    Parameters
    ----------
    rank : int, default 10
        Of the model of the whole matrix and of the local ones.
    n_local : int, default 10
        Number of anchors.
    bandwidth : float, default 2.0
        Angle, in radians, from which on the kernel is zero.
    ridge : float, default 2.0
        Against sums of weighted squared errors; above 0.
    epochs, patience : int, default 100 and 3
        Sweeps over the local models, users then items.
    random_state : int, default 0
    device : str, default "cpu"
    verbose : bool, default False

    References
    ----------
    J. Lee, S. Kim, G. Lebanon and Y. Singer. Local low-rank matrix approximation. ICML, 2013. J. Lee, S. Kim,
    G. Lebanon, Y. Singer and S. Bengio. LLORMA: local low-rank matrix approximation. JMLR 17(15), 2016.
    """

    least_gain = 5e-4  # sweeps go on to lower the error, ever less

    def __init__(
        self, rank=10, *, n_local=10, bandwidth=2.0, ridge=2.0, epochs=100, patience=3, random_state=0,
        device="cpu", verbose=False,
    ):  # fmt: skip
        self.rank = rank
        self.n_local = n_local
        self.bandwidth = bandwidth
        self.ridge = ridge
        self.epochs = epochs
        self.patience = patience
        self.random_state = random_state
        self.device = device
        self.verbose = verbose

    @torch.no_grad()
    def _start(self, data, generator):
        pattern, _, residuals = self._residuals(data)
        users, items = (factors(rated, self.rank, 0.1, data, generator) for rated in data.rated)
        ones = [torch.ones(n, device=data.device) for n in data.shape]
        for _ in range(INITIAL_SWEEPS):
            sweep(pattern, residuals, ones, users, items, self.ridge)
        drawn = torch.randint(len(residuals), (self.n_local,), generator=generator).to(data.device)
        anchors = pattern.rows[drawn], pattern.columns[drawn].long()
        self._weights = [
            kernel(angles(table, table[anchor]), self.bandwidth)
            for table, anchor in zip((users, items), anchors, strict=True)
        ]
        return {
            "global_users": users,
            "global_items": items,
            "users": users.repeat(self.n_local, 1, 1),
            "items": items.repeat(self.n_local, 1, 1),
        }

    def _residuals(self, data):
        """Return the pattern of the ratings by user, the biases of users and items, and what they leave."""
        pattern = Pattern(data.by_user, data.device)
        values = torch.as_tensor(data.by_user.data, device=data.device) - self._mean
        ones = [values.new_ones(n, 1) for n in data.shape]
        b = (pattern.transposed(values) @ ones[0]).squeeze(1) / (pattern.column_sizes + DAMPING[1])
        rest = values - b[pattern.columns]
        a = (pattern.with_values(rest) @ ones[1]).squeeze(1) / (pattern.row_sizes + DAMPING[0])
        return pattern, (a, b), rest - a[pattern.rows]

    def _epoch(self, parameters, data, generator):
        pattern, self._biases, residuals = self._residuals(data)

        @torch.no_grad()
        def run_epoch():
            for t in range(self.n_local):
                weights = [weight[:, t] for weight in self._weights]
                local = parameters["users"][t], parameters["items"][t]
                sweep(pattern, residuals, weights, *local, self.ridge)

        return run_epoch

    def _tables(self, parameters, data):
        names = ("user_weights", "item_weights", "user_biases", "item_biases")
        return super()._tables(parameters, data) | dict(
            zip(names, (*self._weights, *self._biases), strict=True)
        )

    def _scores(self, tables, users, items):
        weights = tables["user_weights"].index_select(0, users) * tables["item_weights"].index_select(
            0, items
        )
        local = torch.stack(
            [row_products(p, q, users, items) for p, q in zip(tables["users"], tables["items"], strict=True)],
            dim=1,
        )
        total = weights.sum(1)
        everywhere = row_products(tables["global_users"], tables["global_items"], users, items)
        product = torch.where(total > 0, (weights * local).sum(1) / total, everywhere)
        return self._mean + tables["user_biases"][users] + tables["item_biases"][items] + product

    def _check_settings(self):
        super()._check_settings()
        if self.ridge == 0:
            raise ValueError("ridge = 0: expected more, or a few ratings do not determine factors")


def angles(left: torch.Tensor, right: torch.Tensor) -> torch.Tensor:
    """Return the angles (N, T) in radians between rows (N, R) and (T, R); a zero row is orthogonal to all."""
    left, right = (torch.nn.functional.normalize(rows, dim=1) for rows in (left, right))
    return torch.arccos((left @ right.T).clamp(-1, 1))


def kernel(distances: torch.Tensor, bandwidth: float) -> torch.Tensor:
    """Return Epanechnikov's kernel, 1 at distance 0 and 0 from the bandwidth on."""
    return (1 - (distances / bandwidth).square()).clamp(min=0)


def sweep(pattern, values, weights, users, items, ridge) -> None:
    """Minimize Σ w_u w_i (x_ui - p_u · q_i)² + λ (|P|² + |Q|²) in the users (I, R), then the items (J, R).

    Both are overwritten. `values` (n,) are those of the pattern, `weights` a pair of (I,) and (J,).
    """
    of_users, of_items = weights
    users.copy_(solve(pattern.with_values, values, of_users, of_items, items, ridge))
    items.copy_(solve(pattern.transposed, values, of_items, of_users, users, ridge))


def solve(matrix, values, weights, other_weights, other, ridge) -> torch.Tensor:
    """Return the best factors (M, R) of one side given those of the other (N, R), a ridge regression each.

    `matrix` makes the sparse matrix (M, N) of values (n,).
    """
    rank = other.shape[1]
    rows, columns = torch.tril_indices(rank, rank, device=other.device)
    weighted = other_weights[:, None] * other
    halves = matrix(torch.ones_like(values)) @ (weighted[:, rows] * other[:, columns])
    grams = halves.new_zeros(len(halves), rank, rank)
    grams[:, rows, columns] = halves
    grams[:, columns, rows] = halves
    identity = torch.eye(rank, device=other.device)
    sides = weights[:, None] * (matrix(values) @ weighted)
    return torch.linalg.solve(weights[:, None, None] * grams + ridge * identity, sides)
