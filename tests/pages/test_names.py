"""Names in words: each method of each plan has one, and nothing else is taken for one."""

import importlib
import json
import re

import pytest

from fourmasks.data.registry import load_registry
from fourmasks.pages import names
from fourmasks.pages.names import DATASETS, MEASURES, NAMES, OF_LUNET, head, named
from fourmasks.system.paths import project_root

SOURCES = project_root() / "src"


@pytest.fixture(autouse=True)
def no_paper():
    yield
    names.begin("")


def planned():
    """Return the methods of all modules that list some, by module."""
    found = {}
    for path in sorted((SOURCES / "fourmasks").rglob("*.py")):
        if re.search(r"^METHODS\b", path.read_text(encoding="utf-8"), re.MULTILINE):
            module = ".".join(path.relative_to(SOURCES).with_suffix("").parts)
            methods = importlib.import_module(module).METHODS
            found[module] = {name if isinstance(name, str) else name[0] for name in methods}
    return found


def test_every_method_of_every_plan_has_a_name():
    found = planned()
    assert len(found) > 8
    assert {
        module: methods - NAMES.keys() for module, methods in found.items() if methods - NAMES.keys()
    } == {}


def test_every_method_of_a_record_has_a_name():
    paths = (project_root() / "data" / "records").rglob("*.json")
    methods = {json.loads(path.read_text())["parameters"].get("method") for path in paths}
    assert methods - {None} <= NAMES.keys()


def test_no_two_names_of_a_paper_are_the_same():
    words = [word for name, word in NAMES.items() if name != "biasmf"]  # as papers print "biased-mf"
    assert len(words) == len(set(words))


def test_every_data_set_of_the_registry_has_a_name():
    assert load_registry().keys() <= DATASETS.keys()


def test_identifiers_become_words():
    assert named("mmf-learned") == "MMF, learned masks"
    assert named("ml-100k") == "MovieLens 100K"
    assert named("ease > multi-vae+pia") == "EASE > Multi-VAE + PIA"
    assert named("ml-100k, ml-1m") == "MovieLens 100K; MovieLens 1M"
    assert named("mf-plain → mmf-constant") == "BiasMF, reference settings → MMF, constant weight"
    assert named("learning_rate 0.1") == "learning rate 0.1"
    assert named("rescaling of all") == "rescaling of all"


@pytest.mark.parametrize(
    "text", ["$x_{ij}$", "notebooks/mmf/masks_a.py", "a star-like shape", "mmf-table4-ml-100k-a"]
)
def test_what_is_no_identifier_of_ours_stays(text):
    assert named(text) == text


def test_a_word_that_is_a_method_in_one_paper_is_none_in_the_others():
    assert named("gaussian") == "gaussian" and named("dense") == "dense"
    names.begin("lunet")
    assert named("gaussian") == NAMES["gaussian"] and named("dense over LU") == "dense over LU"
    assert NAMES.keys() >= OF_LUNET


def test_heads_have_units_and_no_underscores():
    assert head("training_seconds") == "training (s)"
    assert head("factors") == "factors"
    assert head("some_other_metric") == "some other metric"
    assert [words for words in MEASURES.values() if "_" in words] == []
