"""What the pages *Your own data* and *Python interface* show is what comes out, and the commands run."""

import doctest
import re

import numpy as np
import pandas as pd
import pytest

import fourmasks
from fourmasks.data.files import RULES
from fourmasks.experiments.profiles import resolve
from fourmasks.lunet.ratings import plan as lunet_ratings
from fourmasks.mmf.ranking import plan as mmf_ranking
from fourmasks.mmf.ratings import plan as mmf_ratings
from fourmasks.mmf.reconstruction import plan as mmf_reconstruction
from fourmasks.pia.recommenders import plan as pia_recommenders
from fourmasks.system.paths import project_root

PAGE, API = (
    (project_root() / "book" / name).read_text(encoding="utf-8") for name in ("own-data.md", "api.md")
)


@pytest.mark.parametrize("page", [PAGE, API], ids=["own-data", "api"])
def test_the_examples_give_what_they_show(tmp_path, monkeypatch, page):
    monkeypatch.chdir(tmp_path)
    parser, runner = doctest.DocTestParser(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    blocks = "\n".join(re.findall(r"```pycon\n(.*?)```", page, re.DOTALL))
    runner.run(parser.get_doctest(blocks, {}, "page", "page", 0))
    assert runner.tries > 30 and not runner.failures


def test_the_interface_is_on_its_page_and_nothing_else():
    told = re.findall(r"^\.\. auto(?:class|function):: fourmasks\.(\w+)$", API, re.MULTILINE)
    assert sorted(told) == fourmasks.__all__
    for name in fourmasks.__all__:
        assert getattr(fourmasks, name).__doc__
    with pytest.raises(AttributeError, match="has no attribute 'MFF'"):
        fourmasks.MFF  # noqa: B018


def test_every_rule_is_told():
    assert all(f"| `{rule}` |" in PAGE for rule in RULES)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Write a table with names for users and items in three formats, and a matrix."""
    folder, rng = tmp_path_factory.mktemp("own"), np.random.default_rng(0)
    users, items = np.divmod(rng.permutation(40 * 30)[:900], 30)
    stars = rng.integers(1, 6, len(users))
    table = pd.DataFrame({"Customer": users, "asin": items, "stars": stars}).astype(
        {"Customer": str, "asin": str}
    )
    table = table.assign(Customer="é" + table["Customer"], asin="B00" + table["asin"])
    table.to_csv(folder / "mine.csv", index=False)
    table.to_csv(folder / "mine.tsv.gz", index=False, sep="\t")
    table.to_parquet(folder / "mine.parquet")
    np.save(folder / "mine.npy", rng.normal(size=(40, 36)))
    return folder


@pytest.mark.parametrize(
    ("experiment", "name"),
    [
        (mmf_ratings, "mine.csv"),
        (mmf_ranking, "mine.tsv.gz"),
        (pia_recommenders, "mine.parquet"),
        (lunet_ratings, "mine.tsv.gz"),
        (mmf_reconstruction, "mine.npy"),
    ],
)
def test_experiments_take_a_file(files, tmp_path, monkeypatch, experiment, name):
    monkeypatch.setenv("FOURMASKS_RECORDS", str(tmp_path))
    path = str(files / name)
    some = [
        one
        for one in experiment.PROFILES["smoke"].methods
        if one in ("mf-tuned", "ease", "mmf", "lu-net", "svd")
    ]
    records = experiment.run(resolve(experiment.PROFILES, "smoke", dataset=path, methods=some), "smoke")
    assert {record.parameters["dataset"] for record in records} == {path} and len(records) >= 1
