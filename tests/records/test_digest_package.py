"""Digests of this package: which records a change makes stale, and that what runs call is what they reach."""

import dataclasses
import functools
import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from fourmasks.baselines.ratings.catalogue import MODELS as RATING_BASELINES
from fourmasks.baselines.top_n.catalogue import MODELS as TOP_N_BASELINES
from fourmasks.experiments import plan
from fourmasks.lunet.ratings import plan as ratings
from fourmasks.mmf.ratings import plan as mmf_ratings
from fourmasks.mmf.reconstruction import plan as reconstruction
from fourmasks.pia.recommenders import plan as recommenders
from fourmasks.records import runs
from fourmasks.records.digest import ROOT, Code, is_aside
from fourmasks.records.modules import Modules
from fourmasks.records.sources import name_of
from fourmasks.sparse.examples import plan as examples
from fourmasks.system.paths import project_root


class Copy:
    """A copy of the package, with digests of some runs, each (experiment, function, parameters)."""

    def __init__(self, folder, runs):
        self.root, self.runs = Path(folder) / "fourmasks", runs
        shutil.copytree(ROOT, self.root, ignore=shutil.ignore_patterns("__pycache__"))
        self.code = Code(self.root)
        self.before = self._digests(self.code)

    def stale(self, edits):
        """Return which runs get another digest by edits, {file: (old, new)} or {file: text}, undone after."""
        texts = {file: (self.root / file).read_text() for file in edits if (self.root / file).exists()}
        for file, edit in edits.items():
            if isinstance(edit, tuple):
                assert texts[file].count(edit[0]) == 1
                edit = texts[file].replace(*edit)
            (self.root / file).write_text(edit)
        code = Code(self.root)
        edited = {"fourmasks." + file.removesuffix(".py").replace("/", ".") for file in edits}
        kept = code.modules, self.code.modules  # what was read of other modules holds still
        kept[0]._read = {name: read for name, read in kept[1]._read.items() if name not in edited}
        kept[0]._definitions = {key: one for key, one in kept[1]._definitions.items() if key[0] not in edited}
        after = self._digests(code)
        for file in edits:
            (self.root / file).write_text(texts[file]) if file in texts else (self.root / file).unlink()
        return {i for i, (old, new) in enumerate(zip(self.before, after, strict=True)) if old != new}

    def _digests(self, code):
        return [code.digest(function, parameters) for _, function, parameters in self.runs]


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """A copy with all committed records, one for many that differ in numbers alone."""
    found = {}
    for path in sorted((project_root() / "data" / "records").rglob("*.json")):
        record = json.loads(path.read_text())
        run = record["experiment"], record["function"], record["parameters"]
        found[json.dumps([*run[:2], _without_numbers(run[2])])] = run
    return Copy(tmp_path_factory.mktemp("copy"), list(found.values()))


def _without_numbers(value):
    if isinstance(value, dict):
        return {name: _without_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_without_numbers(item) for item in value]
    return value if isinstance(value, str) else None


RATINGS = ("mmf/ratings", "mmf/ratings-search", "mmf/rating-splits")
RATINGS += ("mmf/ratings-again", "mmf/ratings-again-search")
RANKING = ("mmf/ranking", "mmf/ranking-search")
LUNET_RATINGS = ("lunet/ratings", "lunet/ratings-search", "lunet/sweeps")
LUNET_RATINGS += ("lunet/ratings-again", "lunet/ratings-again-search")
LUNET = (*LUNET_RATINGS, "lunet/ranking", "lunet/ranking-search")
LUNET_RIVALS = ("averages", "biased-mf", "bprmf", "ease", "neumf", "popularity")
DENSITIES = ("lunet/densities", "lunet/densities-points")
PIA = ("pia/latent", "pia/recommenders", "pia/recommenders-search", "pia/sweep", "pia/theory")
PIA += ("pia/recommenders-again", "pia/recommenders-again-search")

FOUR_RATINGS = (
    "four/ratings",
    "four/ratings-search",
    "four/ratings-memory",
    "four/shares",
    "four/shares-search",
)
FOUR_LISTS = ("four/rankings", "four/rankings-search", "four/rankings-memory")
FOUR = (*FOUR_RATINGS, *FOUR_LISTS, "four/growth")
OF_RATING_MMF = ("mf-tuned", "mmf-constant", "mmf-zero", "mmf-learned")

# What is changed, how, and of which experiments (e) and parameters (p) the records become stale by it. A
# branch that is not taken counts: points that are no embeddings can reach the recommender that embeds, and
# the runs of `four` ask of any model whether it is one of those that need something else.
CHANGES = {
    "a mask family": (
        "mmf/models/masks.py", "torch.exp(-d * d / 2),", "torch.exp(-d * d / 3),",
        lambda e, p: p.get("family" if e.startswith("four/masks") else "mask") == "gaussian"
        or e == "four/growth",
    ),
    "another mask family": (
        "mmf/models/masks.py", "(1 - d.abs()).clamp(min=0), lambda", "(2 - d.abs()).clamp(min=0), lambda",
        lambda e, p: p.get("family" if e.startswith("four/masks") else "mask") == "triangle",
    ),
    "the default mask of ratings": (
        "mmf/models/rating_masks.py", "return bump + 0.5", "return bump + 0.6",
        lambda e, p: e in RATINGS and p["method"] not in RATING_BASELINES
        or e in FOUR_RATINGS and p["method"] in OF_RATING_MMF or e == "four/growth",
    ),
    "a mask of ratings that no run has": (
        "mmf/models/rating_masks.py", "return 0.4 * (value + 1)", "return 0.5 * (value + 1)",
        lambda e, p: False,
    ),
    "a default": (
        "mmf/models/rating_mmf.py", "        rank=32,", "        rank=33,",
        lambda e, p: e in RATINGS and p["method"] not in RATING_BASELINES
        or e in FOUR_RATINGS and p["method"] in OF_RATING_MMF or e == "four/growth",
    ),
    "a split": (
        "data/splits.py", "np.maximum(1, np.rint(share", "np.maximum(2, np.rint(share",
        lambda e, p: e in RATINGS + RANKING + FOUR_RATINGS,
    ),
    "what is held out": (
        "data/interactions.py", "FOLD = 5", "FOLD = 6", lambda e, p: e in (*PIA, *FOUR_LISTS, "pia/datasets"),
    ),
    "a loader of two data sets": (
        "data/ratings.py", "scale = (0.5, 5) if name", "scale = (1, 5) if name",
        lambda e, p: p.get("dataset") in ("flixster", "douban"),
    ),
    "a loader of many experiments": (
        "data/ratings.py", "columns, (1, 5), source)\n", "columns, (1, 6), source)\n",
        lambda e, p: p.get("dataset") == "ml-1m",
    ),
    "the loss of a baseline": (
        "baselines/ratings/pmf.py", "pattern.sampled(p, q) - values", "pattern.sampled(p, q) - 2 * values",
        lambda e, p: e in RATINGS and p["method"] == "pmf",
    ),
    "a constant": (
        "data/held_out.py", "TEST_SHARE = 0.2", "TEST_SHARE = 0.3", lambda e, p: e in LUNET_RATINGS,
    ),
    "the sampling of negatives": (
        "lunet/models/negatives.py", "again = torch.randint(", "again = 1 + torch.randint(",
        lambda e, p: e in DENSITIES or e in LUNET and p["method"] not in LUNET_RIVALS
        or e in FOUR,
    ),
    "the alignment": (
        "pia/models/alignment.py", ".add_(variance.sum(1))", ".add_(variance.sum(0))",
        lambda e, p: e in (*PIA, "pia/overhead") and p["method"] not in TOP_N_BASELINES
        or e in (*FOUR_LISTS, "four/growth") or p.get("statement") == "alignment",
    ),
    "a theorem": (
        "sparse/theorems/right_theorems.py", "def _grouped_second(field,", "def _grouped_second(field, more,",
        lambda e, p: e == "sparse/referees-right",
    ),
}  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_makes_these_records_stale_and_no_others(copy, change):
    file, old, new, expected = CHANGES[change]
    stale = copy.stale({file: (old, new)})
    assert {_words(copy.runs[i]) for i in stale} == {
        _words(run) for run in copy.runs if expected(run[0], run[2])
    }


def _words(run):
    experiment, function, parameters = run
    return f"{experiment} {function.rpartition('.')[2]} {_without_numbers(parameters)}"


def test_a_new_baseline_makes_no_record_stale(copy):
    catalogue = (copy.root / "baselines/ratings/catalogue.py").read_text()
    pmf = (copy.root / "baselines/ratings/pmf.py").read_text()
    new = "\n\nclass Newer(PMF):\n    def _loss(self, *given): return 0\n"
    edits = {
        "baselines/ratings/pmf.py": pmf + new,
        "baselines/ratings/newer.py": "from fourmasks.baselines.ratings.fitting import Baseline\n" + new,
        "baselines/ratings/catalogue.py": catalogue.replace("import PMF", "import PMF, Newer").replace(
            'MODELS = {"pmf": PMF,', 'MODELS = {"newer": Newer, "pmf": PMF,'
        ),
    }
    assert "newer" in edits["baselines/ratings/catalogue.py"]
    assert copy.stale(edits) == set()


def test_a_module_can_be_moved_and_renamed(copy, tmp_path):
    sample = {run[:2]: run for run in copy.runs}.values()  # one of each experiment and function
    moves = {"lunet.flows.layers": "lunet.deep.stacks", "mmf.models.rating_masks": "mmf.bumps"}
    moves |= {"data.splits": "parts"}
    shutil.copytree(copy.root, tmp_path / "fourmasks")
    for path in (tmp_path / "fourmasks").rglob("*.py"):
        text = path.read_text()
        for old, new in moves.items():
            (old_home, old_name), (new_home, new_name) = (f"fourmasks.{x}".rsplit(".", 1) for x in (old, new))
            text = re.sub(rf"\bfourmasks\.{re.escape(old)}\b", f"fourmasks.{new}", text)
            text = re.sub(
                rf"^from {re.escape(old_home)} import {old_name}$",
                f"from {new_home} import {new_name} as {old_name}", text, flags=re.MULTILINE,
            )  # fmt: skip
        path.write_text(text)
    for old, new in moves.items():
        before, after = (tmp_path / "fourmasks" / f"{x.replace('.', '/')}.py" for x in (old, new))
        after.parent.mkdir(exist_ok=True)
        before.rename(after)
        (after.parent / "__init__.py").touch()
    moved = Code(tmp_path / "fourmasks")
    for _, function, parameters in sample:
        assert moved.digest(function, parameters) == copy.code.digest(function, parameters), function
    assert len({function for _, function, _ in sample}) > 50


# Cheap runs that between them call much of the package, by module; the rest of each profile is "smoke".
TRACED = {
    mmf_ratings: {"methods": ("mmf-learned", "mf-plain", "pmf", "nnmf", "svd++")},
    reconstruction: {},
    recommenders: {"methods": ("multi-vae+pia", "rec-vae", "wmf", "ease"), "seeds": 1},
    ratings: {"methods": ("lu-net", "coupling", "averages", "dense"), "seeds": 1},
    examples: {"examples": ("2.1", "3.5", "4.16", "figure-1")},
}


@pytest.fixture(scope="module")
def traced(tmp_path_factory, one_thread):
    """Runs, each (experiment, function, parameters), and what each called, (module, name)."""
    found = []

    def run_or_load(train, parameters, *, experiment, **rest):
        called = set()

        def note(frame, event, argument):
            if event == "call" and frame.f_code.co_filename.startswith(f"{ROOT}/"):
                name = frame.f_code.co_qualname.split(".<")[0]  # functions inside belong to those around
                called.add((frame.f_globals["__name__"], name))

        @functools.wraps(getattr(train, "func", train))
        def noting(**given):
            _forget()
            sys.setprofile(note)
            try:
                return train(**given)
            finally:
                sys.setprofile(None)

        found.append(((experiment, name_of(train), parameters), called))
        return runs.run_or_load(noting, parameters, experiment=experiment, **rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FOURMASKS_RECORDS", str(tmp_path_factory.mktemp("records")))
        patch.setattr(plan, "run_or_load", run_or_load)
        for module, options in TRACED.items():
            module.run(dataclasses.replace(module.PROFILES["smoke"], **options), "smoke")
    return [(run, called) for run, called in found if called]  # not those that were stored already


def _forget():
    """Clear caches of the package, so that each run loads its data."""
    for name, module in [*sys.modules.items()]:
        if name.startswith("fourmasks.") and not is_aside(name):
            for one in vars(module).values():
                getattr(one, "cache_clear", lambda: None)()


def test_what_runs_call_is_what_they_reach(traced):
    code, modules = Code(), Modules(ROOT)
    assert len(traced) > 30
    for (_, function, parameters), called in traced:
        reached = code.reached(function, parameters)
        for module, name in called:
            top, _, method = name.partition(".")
            if is_aside(module) or top.startswith("<"):  # a lambda of a constant
                continue
            assert (module, top) in reached, (function, module, name)
            if method in modules.definition(module, top).members:
                assert method in reached[module, top], (function, module, name)


# Functions that runs call if and only if they reach them. In general a run reaches more: a branch that is not
# taken counts, and what is stale by a change is never less than what called the changed function.
MUTATED = [
    ("baselines/ratings/pmf.py", "PMF._loss"),
    ("baselines/ratings/nnmf.py", "NNMF._scores"),
    ("baselines/ratings/svdpp.py", "_implicit"),
    ("baselines/ratings/sparse.py", "_Sampled.backward"),
    ("baselines/ratings/fitting.py", "Data.row_batches"),
    ("baselines/matrix.py", "TruncatedSVD.fit"),
    ("baselines/top_n/factorization.py", "WMF._weight"),
    ("data/splits.py", "_held_out"),
    ("data/interactions.py", "_fold"),
    ("data/ratings.py", "make_ratings"),
    ("data/readers/synthetic.py", "random_dense"),
    ("lunet/models/negatives.py", "NonInteractions.draw"),
    ("lunet/flows/dense.py", "DenseLayer.linear"),
    ("lunet/models/losses.py", "HybridLoss.combined"),
    ("data/held_out.py", "split_per_user"),
    ("mmf/models/masks.py", "Masks.values"),
    ("mmf/models/parameters.py", "draw"),
    ("learning/ranking.py", "ndcg"),
    ("sparse/theorems/closure.py", "complete_across"),
    ("sparse/supports/families.py", "Family.signature"),
]


def test_a_change_makes_those_runs_stale_that_call_the_function(traced, tmp_path):
    copy = Copy(tmp_path, [run for run, _ in traced])
    for file, function in MUTATED:
        name = function.rpartition(".")[2]
        text = (copy.root / file).read_text()
        start = text.index(f"class {function.split('.')[0]}") if "." in function else 0
        place = text.index(f"def {name}(", start)
        body = re.compile(r":\n(\s+)").search(text, place)  # the end of the header
        changed = f"{text[: body.end()]}changed = 1\n{body[1]}{text[body.end() :]}"
        module = "fourmasks." + file.removesuffix(".py").replace("/", ".")
        callers = {i for i, (_, called) in enumerate(traced) if (module, function) in called}
        assert callers and copy.stale({file: changed}) == callers, function
