"""What a reader sees in place of our identifiers: methods, data sets and measures in words, with units.

`NAMES` has each method of each plan, under its own or the paper's name; `DATASETS` and `MEASURES` are the
same for data and for what stands at the head of a column. Nothing else in the package writes these words.
"""

import re
from pathlib import Path

from fourmasks.data.files import divided, is_file

NAMES = {
    # Reconstruction, spectra, timing (MMF)
    "mmf": "MMF",
    "mmf-lm": "MMF, Levenberg–Marquardt",
    "mmf-adam": "MMF, Adam",
    "mmf-frozen": "MMF, frozen masks",
    "mmf-frozen-full": "MMF, frozen masks, larger rank",
    "mmf-shared": "MMF, one mask for all",
    "mmf-shuffled": "MMF, shuffled masks",
    "mmf-drawn": "MMF, not fitted",
    "svd": "truncated SVD",
    "block-svd": "SVD of each block",
    "largest-entries": "largest entries",
    "mf": "MF",
    "mf-sgd": "MF, SGD",
    "mf-ridge": "MF, ridge",
    "mf-bias": "MF, biases",
    "mf-canonical": "MF, canonical form",
    "mf-weighted": "MF, weighted dimensions",
    # Ratings and rankings (MMF)
    "mf-plain": "BiasMF, reference settings",
    "mf-tuned": "BiasMF, tuned",
    "mf-wide": "BiasMF, wider search",
    "mmf-reference": "MMF, reference default (zero shifts)",
    "mmf-constant": "MMF, constant weight",
    "mmf-learned": "MMF, learned masks",
    "mmf-unmasked": "MMF without masks",
    "mmf-random": "MMF, random masks",
    "mmf-permuted": "MMF, permuted dimensions",
    "mmf-same-size": "MMF, as many parameters as BiasMF",
    "mmf-wide": "MMF, wider search",
    "mmf-zero": "MMF, zero shifts",
    "pmf": "PMF",
    "svd++": "SVD++",
    "llorma": "LLORMA",
    "autorec": "AutoRec",
    "rbm": "RBM",
    "nnmf": "NNMF",
    "cf-nade": "CF-NADE",
    "ghrs": "GHRS",
    "igmc": "IGMC",
    "morgh": "MoRGH",
    "srmgcnn": "sRMGCNN",
    "gc-mc": "GC-MC",
    "idcf-gc": "IDCF-GC",
    "imc-gae": "IMC-GAE",
    "star-gcn": "STAR-GCN",
    "bprmf": "BPR-MF",
    "neumf": "NeuMF",
    "ngcf": "NGCF",
    "lightgcn": "LightGCN",
    "sgl": "SGL",
    # Top-N recommendation and latent space (PIA)
    "popularity": "most popular",
    "ease": "EASE",
    "ease-supported": "EASE on supports",
    "ease-cut": "EASE, its largest entries",
    "similar-items": "similar items",
    "als": "MF (ALS)",
    "wmf": "WMF",
    "grals": "GRALS",
    "plrec": "PLRec",
    "warp": "WARP",
    "lambdanet": "LambdaNet",
    "cdae": "CDAE",
    "ract": "RaCT",
    "multi-vae": "Multi-VAE",
    "multi-vae-clean": "Multi-VAE, nothing hidden",
    "multi-vae+pia": "Multi-VAE + PIA",
    "multi-vae+zero": "Multi-VAE, pull to zero",
    "multi-vae+frozen": "Multi-VAE, frozen anchors",
    "multi-vae+shuffled": "Multi-VAE, another user's anchors",
    "multi-vae+dropout": "Multi-VAE, more input hidden",
    "multi-vae+beta": "Multi-VAE, heavier KL term",
    "rec-vae": "RecVAE",
    "rec-vae+pia": "RecVAE + PIA",
    "rec-vae+zero": "RecVAE, pull to zero",
    "input-binary": "input, zeros and ones",
    "input-unit": "input, scaled to length one",
    # Recommender, density, cost (LU-Net)
    "lu": "LU layers",
    "lu-net": "LU-Net",
    "lu-net-stated": "LU-Net as stated",
    "lu-net-stopped": "LU-Net, stopped early",
    "lu-net-tuned": "LU-Net, tuned",
    "lu-net-implicit": "LU-Net, implicit loss alone",
    "lu-net-explicit": "LU-Net, explicit loss alone",
    "dense": "free matrices",
    "mlp": "perceptron",
    "mlp-stopped": "perceptron, stopped early",
    "mlp-tuned": "perceptron, tuned",
    "coupling": "coupling layers",
    "coupling-tuned": "coupling layers, tuned",
    "identity": "no network",
    "identity-tuned": "no network, tuned",
    "averages": "averages of users and items",
    "surprise-svd": "BiasMF of Surprise",
    "biased-mf": "BiasMF",
    "biasmf": "BiasMF",
    "factors": "product of the embeddings",
    "gaussian": "one normal distribution",
    "mixture": "mixture of normal distributions",
    "kernel": "kernel density",
    # Butterflies (sparse)
    "Algorithm 1": "Algorithm 1",
    "lazylinop": "lazylinop",
    "pyfaust": "pyfaust",
    "hadamard": "Hadamard",
    "dft": "Fourier (DFT)",
    "dct2": "cosine (DCT-II)",
}

DATASETS = {
    "ml-100k": "MovieLens 100K",
    "ml-1m": "MovieLens 1M",
    "ml-1m-loo": "MovieLens 1M, leave-one-out",
    "ml-10m": "MovieLens 10M",
    "ml-20m": "MovieLens 20M",
    "netflix": "Netflix Prize",
    "msd": "Million Song Dataset",
    "lastfm-2k": "Last.fm 2K",
    "flixster": "Flixster",
    "douban": "Douban",
    "yale-b": "Yale B",
    "reuters-21578": "Reuters-21578",
    "simulated-small": "simulated, small",
    "h4-240": "H4, small",
    **{f"{kind}{size}": f"{kind.upper()}{size}" for kind in "sh" for size in range(2, 11)},
}

# Users of PIA by number of items, as the paper's Table 3 has them, but for the last: its "100+" shares an end
# with the third.
GROUP_LABELS = {"5_to_10": "5–10", "11_to_50": "11–50", "51_to_100": "51–100", "over_100": "over 100"}

# A unit stands in brackets, as it does at the head of the column.
MEASURES = {
    "dataset": "data set",
    "factors": "factors",
    "n_parameters": "parameters",
    "n_network_parameters": "parameters of the network",
    "n_masks": "masks K",
    "n_layers": "layers",
    "n_negatives": "negatives",
    "n_seeds": "seeds",
    "n_iter": "iterations",
    "n_nonzero": "entries",
    "n_train": "training points",
    "n_test": "test points",
    "p_adjusted": "p, adjusted",
    "half": "± (95 %)",
    "training_seconds": "training (s)",
    "epoch_seconds": "epoch (s)",
    "plain_epoch_seconds": "epoch without (s)",
    "inference_seconds": "prediction (s)",
    "cpu_seconds": "CPU time (s)",
    "memory_mb": "memory (MiB)",
    "seconds": "time (s)",
    "overhead_percent": "overhead (%)",
    "std": "standard deviation",
    "min": "lowest",
    "max": "highest",
    "count": "number",
    "best_epoch": "best epoch",
    "test_rmse": "test RMSE",
    "validation_rmse": "validation RMSE",
    "test_mse": "test MSE",
    "train_mse": "training MSE",
    "validation_mse": "validation MSE",
    "test_mae": "test MAE",
    "test_loss": "test loss",
    "train_loss": "training loss",
    "relative_error": "relative error",
    "reconstruction_mse_float32": "reconstruction MSE, single precision",
    "decoder_mse": "MSE of a fitted decoder",
    "kernel_share": "share of the kernel",
    "loewner_violations": "violations in the order of matrices",
    "ndcg_at_10": "NDCG@10",
    "ndcg_at_20": "NDCG@20",
    "ndcg_at_100": "NDCG@100",
    "recall_at_10": "Recall@10",
    "recall_at_20": "Recall@20",
    "recall_at_50": "Recall@50",
    **{
        f"{name}_of_{group}": f"{shown}, users with {items} items"
        for name, shown in (
            ("ndcg_at_100", "NDCG@100"),
            ("recall_at_20", "Recall@20"),
            ("recall_at_50", "Recall@50"),
        )
        for group, items in GROUP_LABELS.items()
    },
    "full_ndcg_at_10": "NDCG@10 over all items",
    "order": "difference of two distances",
    "mask_share": "share of the masks in the variance",
    "mask_variance": "variance over masks",
    "drift_from_clean": "drift from the unmasked input",
    "items_small": "items, small cohort",
    "items_mid": "items, middle cohort",
    "items_large": "items, large cohort",
    "mid_large": "middle to large",
    "small_large": "small to large",
    "overlap_jaccard": "neighbours kept, by Jaccard",
    "overlap_l1": "neighbours kept, by L1",
    "follows_cosine": "correlation with cosine distance",
    "follows_l1": "correlation with L1",
    "help_distance": "help and distance",
    "help_overlap": "help and common items",
    "helped_decoder": "helped if the decoder moves",
    "helped_all": "helped if all weights move",
    "same_sign": "both agree",
    "rank_deficit": "ranks missing",
    "masked_related_inside": "share of related pairs inside the radius",
    "last_slope_inverse_lu": "growth exponent of the inverse, LU",
    "last_slope_inverse_dense": "growth exponent of the inverse, free matrix",
    "last_slope_logdet_dense": "growth exponent of the determinant, free matrix",
    "slope_long_logdet_lu": "growth exponent of the determinant, LU",
    "speedup_coupling_2048": "time of coupling layers over that of LU",
    "validation_ndcg_at_10": "validation NDCG@10",
    "validation_ndcg_at_100": "validation NDCG@100",
    "over_20_targets": "more than 20 targets",
    "left_over": "left over",
    "view_ratio": "ratio of views",
    "kl": "KL",
    "w1_low": "W1, lower bound",
    "w1_high": "W1, upper bound",
    "tau_squared": "τ²",
    "tau squared": "τ²",
    "tau": "τ",
    "delta": "δ",
}

# Words of LU-Net's plans that mean something else in the other papers, as the Gaussian masks of MMF.
OF_LUNET = frozenset(
    ("lu", "dense", "coupling", "identity", "factors", "gaussian", "mixture", "kernel", "averages")
)

TOKEN = re.compile(r"(?<![\w+.-])[a-z]+\d*(?:[-+_][a-z0-9]+)+(?![\w+-])|(?<![\w+.-])svd\+\+(?!\w)")


_paper = ""


def begin(paper: str) -> None:
    """Say of which paper the page is: some words are methods in one of them only."""
    global _paper
    _paper = paper


def named(text: str) -> str:
    """Return a method, a data set or a measure in words; of a longer text, the identifiers in it.

    A single word that is one of our names, as "dense", is replaced only if it is the whole text, or one of a
    list with commas or " > ". What looks like an identifier and is none of ours loses its underscores.

    Parameters
    ----------
    text : str
        One that holds a formula ("$") or a command is returned as it is.
    """
    if known := _known(text):
        return known
    if is_file(text):
        return Path(divided(text)[0]).name
    if "$" in text or "/" in text or text.startswith(("fourmasks ", "http")):
        return text
    method, comma, setting = text.partition(", ")
    if "=" in setting and (known := _known(method)):  # as "lu, M = 1"
        return known + comma + setting
    for mark in (", ", " > "):
        parts = text.split(mark)
        if len(parts) > 1 and all(map(_known, parts)):
            # Names have commas of their own.
            return ("; " if mark == ", " else mark).join(map(named, parts))
    return TOKEN.sub(_word, text)


def head(text: str) -> str:
    """Return what stands at the head of a column: a measure before a method of the same name."""
    return MEASURES.get(text) or named(text)


def _word(found: re.Match) -> str:
    return _known(found[0]) or found[0].replace("_", " ")


def _known(name: str) -> str | None:
    if name in NAMES and (name not in OF_LUNET or _paper == "lunet"):
        return NAMES[name]
    return DATASETS.get(name) or MEASURES.get(name)
