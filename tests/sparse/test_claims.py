"""data/claims/sparse.yaml: every numbered statement is there, and what falls together."""

from fourmasks.claims.files import load_claims
from fourmasks.claims.ledger import ledger

# Definitions, proofs and what only recalls another work (Remarks 2.6, 2.7 and 2.9) claim nothing.
STATEMENTS = """
Example 2.1, Example 2.2, Example 2.3, Lemma 2.8, Lemma 2.11, Lemma 2.12, Lemma 2.14, Proposition 2.15,
Proposition 3.1, Remark 3.2, Lemma 3.3, Example 3.5, Lemma 3.6, Proposition 3.8, Lemma 3.10, Remark 3.11,
Example 3.13, Theorem 3.14, Remark 3.15, Proposition 3.16, Proposition 3.17, Lemma 4.1, Remark 4.2,
Lemma 4.4, Lemma 4.6, Remark 4.7, Theorem 4.8, Proposition 4.9, Corollary 4.10, Proposition 4.11, Remark 4.12,
Theorem 4.13, Remark 4.15, Example 4.16, Proposition 4.18, Remark 4.20, Lemma 4.21, Theorem 4.26,
Corollary 4.27, Example 4.28, Proposition 4.29, Lemma 4.30, Lemma 5.1, Proposition 5.3, Proposition 5.5,
Corollary 5.6, Proposition 5.8, Proposition 5.10, Corollary 5.12, Lemma D.1, Remark D.3, Lemma E.1, Lemma I.1,
Lemma K.1, Lemma K.3, Lemma K.5, Lemma K.7, Lemma K.9, Lemma K.11, Lemma K.13, Lemma Q.1, Corollary Q.3,
Figure 1, Figure 2, Figure 3, Figure 4, Algorithm 1
"""


def test_every_numbered_statement_is_there():
    places = {claim.place for claim in load_claims("sparse")}
    wanted = {name.strip() for name in STATEMENTS.replace("\n", " ").split(",")}
    assert wanted <= places  # Remark 4.14 is told with Lemma K.1, whose words it repeats
    assert {place for place in places - wanted if not place.startswith("Section ")} == set()


def test_what_rests_on_lemma_k1_falls_with_it():
    verdicts = {row["id"]: row["verdict"] for row in ledger("sparse")}
    assert {verdicts[f"sparse-lemmak{number}"] for number in (1, 3, 5)} == {"not reproduced"}
    assert {verdicts[f"sparse-theorem413-{referee}"] for referee in ("algebra", "jacobian")} == {"reproduced"}
    assert verdicts["sparse-lemma212"] == verdicts["sparse-lemma214"] == "reproduced"
