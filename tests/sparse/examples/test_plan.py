"""The paper's figures and examples as records, and the claims that rest on them."""

import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.verdicts import REPRODUCED, gather, judge
from fourmasks.experiments.profiles import resolve
from fourmasks.records.store import load_records
from fourmasks.sparse.examples.plan import EXPERIMENT, PROFILES, run
from fourmasks.sparse.examples.run import EXAMPLES, STEPS


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        yield run(resolve(PROFILES, "smoke"), "paper"), load_records(EXPERIMENT)


def test_every_example_is_a_record_and_every_claim_is_borne_out(made):
    records, kept = made
    assert {r.key for r in records} == {r.key for r in kept} and len(records) == len(EXAMPLES)
    claims = [c for c in load_claims("sparse") if c.experiment == EXPERIMENT]
    assert len(claims) == 19 and {judge([gather(c, records)])[0].verdict for c in claims} == {REPRODUCED}


def test_the_examples_count_what_there_is(made):
    found = {r.parameters["example"]: r.metrics for r in made[0]}
    assert found["2.1"]["supports"] == sum(  # maximal supports with s entries of 9
        [9, 36, 84, 126, 126, 84, 36, 9, 1]
    )
    assert found["4.16"]["instances"] == 8 * 8 * 4 and 0 < found["4.16"]["independent"] < 256
    assert found["figure-2"]["completions_parted"] == 4  # one for each scale of one part
    assert found["figure-3"]["inside"] == found["figure-3"]["across"] == 2
    assert found["figure-4"]["stages"] == len(STEPS)
