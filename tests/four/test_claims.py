"""data/claims/four.yaml: each claim, and each of its baselines, is about runs that the plans make."""

from itertools import chain

import pytest

from fourmasks.claims.files import load_claims
from fourmasks.claims.measurements import fits
from fourmasks.experiments.plan import Run
from fourmasks.experiments.schedule import Job
from fourmasks.four.masks import plan as masks
from fourmasks.four.rankings import plan as rankings
from fourmasks.four.ratings import plan as ratings
from fourmasks.system.paths import project_root


@pytest.fixture(scope="module")
def planned():
    """Experiment and parameters of each run of the paper's profile: of a search the one that ends it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in (ratings, rankings):
            patch.setattr(module, "load", lambda name: type("Data", (), {"sha256": name}))
        plans = (module.plan(module.PROFILES["paper"]) for module in (masks, ratings, rankings))
        return [(run.experiment, run.parameters) for run in map(ending, chain.from_iterable(plans))]


def ending(job):
    return job if isinstance(job, Run) else Job(job, 1, None).presumed


@pytest.mark.parametrize("claim", load_claims("four"), ids=lambda claim: claim.id)
def test_there_are_runs_of_each_claim(claim, planned):
    own = [parameters for experiment, parameters in planned if experiment == claim.experiment]
    place = {"dataset": list(claim.dataset)} if claim.dataset else {}
    for change in ({}, *claim.baselines):
        assert any(fits(parameters, claim.match | place | change) for parameters in own)


def test_the_extension_is_judged_as_its_page_says():
    page = (project_root() / "book" / "four" / "extension.md").read_text(encoding="utf-8")
    claims = {claim.id: claim for claim in load_claims("four") if claim.place == "Extension"}
    assert "lower than EASE's by less than one percent" in page
    for data in ("ml-100k", "ml-1m", "lastfm"):
        for protocol in ("users", "items"):
            assert claims[f"four-extension-{data}-{protocol}"].between == [0.99, None]
        assert claims[f"four-extension-{data}-entries"].between == [0, 0.1]
        controls = [change["method"] for change in claims[f"four-extension-{data}-fit"].baselines]
        assert controls == ["ease-cut", "similar-items"]
    assert "a tenth of EASE's entries" in page
