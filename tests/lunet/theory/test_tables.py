"""Tables of the statements, from the committed records."""

from fourmasks.claims.ledger import ledger
from fourmasks.lunet.theory import tables
from fourmasks.lunet.theory.plan import EXPERIMENT
from fourmasks.records.store import load_records
from fourmasks.system.paths import data_folder


def committed():
    return [r for r in load_records(EXPERIMENT, data_folder() / "records") if r.profile == "paper"]


def test_every_statement_has_its_row_and_every_claim_its_verdict():
    claims = ledger("lunet")
    found = tables.asked(committed(), claims)
    assert len(found) == len(tables.STATEMENTS)
    named = [name for *_, name in tables.STATEMENTS.values() if name]
    assert set(named) <= {row["id"] for row in claims}
    assert (found["verdict"] != "–").sum() == len(named)
    assert found.loc[("Section 2.2", "the LU is unique"), "failures"] == "0"
    assert "verdict" not in tables.asked(committed()) and tables.asked([]).empty


def test_the_larger_the_matrix_the_more_have_no_lu():
    found = tables.shares(committed())
    assert found["share"].is_monotonic_increasing
    assert (found["share"] == found["without LU"] / found["matrices"]).all()
