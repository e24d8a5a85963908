"""The paper's statements as printed: random instances, decided by definition or brute force."""

from collections.abc import Callable

import numpy as np

from fourmasks.sparse.identifiability import decomposition_checks, factor_checks

ATTEMPTS = 40  # for each instance to which the statement applies

CHECKS: dict[str, Callable] = {
    "proposition-3.1": factor_checks.proposition_3_1,
    "lemma-3.3": factor_checks.lemma_3_3,
    "lemma-3.6": factor_checks.lemma_3_6,
    "lemma-3.6-mended": factor_checks.lemma_3_6_mended,
    "proposition-3.8": factor_checks.proposition_3_8,
    "lemma-3.10": factor_checks.lemma_3_10,
    "lemma-4.4": decomposition_checks.lemma_4_4,
    "lemma-4.6": decomposition_checks.lemma_4_6,
    "corollary-4.10": decomposition_checks.corollary_4_10,
    "proposition-4.18": decomposition_checks.proposition_4_18,
    "remark-4.20": decomposition_checks.remark_4_20,
    "remark-4.20-repeated": decomposition_checks.remark_4_20_repeated,
    "corollary-4.27": decomposition_checks.corollary_4_27,
    "proposition-4.29-i": decomposition_checks.proposition_4_29_i,
    "proposition-4.29-ii": decomposition_checks.proposition_4_29_ii,
    "proposition-4.29-ii-corrected": decomposition_checks.proposition_4_29_ii_corrected,
    "after-proposition-4.29": decomposition_checks.after_proposition_4_29,
    "lemma-4.30": decomposition_checks.lemma_4_30,
    "lemma-5.1": decomposition_checks.lemma_5_1,
    "remark-5.1": decomposition_checks.remark_5_1,
    "proposition-5.3": decomposition_checks.proposition_5_3,
    "lemma-k.1": decomposition_checks.lemma_k_1,
    "remark-d.3": factor_checks.remark_d_3,
}


def run_statement(statement, instances, seed) -> dict:
    """Ask a statement of random instances.

    Parameters
    ----------
    statement : str
        A key of `CHECKS`.
    instances : int
        To which it applies; fewer if they are rare.
    seed : int

    Returns
    -------
    dict
        Metrics: `instances`, and `counterexamples` among them.

    Raises
    ------
    RuntimeError
        If no instance fulfils its assumptions.
    """
    rng, check = np.random.default_rng(seed), CHECKS[statement]
    asked = wrong = 0
    for _ in range(ATTEMPTS * instances):
        holds = check(rng)
        if holds is not None:
            asked, wrong = asked + 1, wrong + (not holds)
        if asked == instances:
            break
    if not asked:
        tried = ATTEMPTS * instances
        raise RuntimeError(f"{statement}: none of {tried} random instances fulfils its assumptions")
    return {"metrics": {"instances": asked, "counterexamples": wrong}}
