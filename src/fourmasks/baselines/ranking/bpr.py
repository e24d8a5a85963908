"""Matrix factorization fitted to pairwise comparisons (Rendle et al., 2009)."""

from dataclasses import dataclass

from fourmasks.baselines.ranking.fitting import Network, Ranker, bpr_loss, half_squares, normal, zeros


@dataclass(eq=False, repr=False, kw_only=True)
class BPRMF(Ranker):
    r"""BPR-MF: the score is :math:`u^\top v`, plus a bias of the item if asked for.

    Parameters
    ----------
    item_bias : bool, default False
    **others
        See `Ranker`.

    References
    ----------
    Rendle, Freudenthaler, Gantner and Schmidt-Thieme, "BPR: Bayesian Personalized Ranking from Implicit
    Feedback", UAI 2009. There triples are drawn with replacement; here an epoch has each liked pair once.
    """

    item_bias: bool = False

    def _make(self, train, generator):
        return _Factors(train.shape, self, generator)


class _Factors(Network):
    def __init__(self, shape, settings, generator):
        super().__init__()
        self._l2 = settings.l2
        self.users, self.items = (normal((n, settings.rank), settings.factor_scale, generator) for n in shape)
        self.biases = zeros(shape[1]) if settings.item_bias else None

    def loss(self, users, liked, others, generator):
        u, v, w = (
            table.index_select(0, numbers)
            for table, numbers in ((self.users, users), (self.items, liked), (self.items, others))
        )
        scores = [(u * v).sum(1), (u * w).sum(1)]
        if self.biases is not None:
            scores = [s + self.biases[numbers] for s, numbers in zip(scores, (liked, others), strict=True)]
        return bpr_loss(*scores) + self._l2 * half_squares(u, v, w)

    def tables(self):
        return self.users, self.items

    def scores(self, tables, users):
        scores = super().scores(tables, users)
        return scores if self.biases is None else scores + self.biases
