"""The rankers by the names that records have."""

from fourmasks.baselines.ranking.bpr import BPRMF
from fourmasks.baselines.ranking.graph import NGCF, SGL, LightGCN
from fourmasks.baselines.ranking.neumf import NeuMF

MODELS = {"bprmf": BPRMF, "neumf": NeuMF, "ngcf": NGCF, "lightgcn": LightGCN, "sgl": SGL}
GRAPHS = ("ngcf", "lightgcn", "sgl")  # each step averages over the whole graph: large batches save time
