"""The four ways of adding something that CONTRIBUTING.md tells, walked on a copy: a tiny fifth paper.

It has a data set, a baseline, two claims and a notebook. Each function below is one of the document's
sections, in its order, and does what the section says and nothing else.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from fourmasks.system.paths import project_root

ROOT = project_root()
RATINGS = "src/fourmasks/data/ratings.py"
NAMES = "src/fourmasks/pages/names.py"
COMMON = "tests/baselines/ratings/test_common.py"
COPIED = ("src/fourmasks", "data/claims", "data/registry.yaml", "tests", "CONTRIBUTING.md", "pyproject.toml")
LEFT_OUT = shutil.ignore_patterns("__pycache__")


class Copy:
    """A copy of the project, edited as a contributor would."""

    def __init__(self, root: Path):
        self.root = root
        for name in COPIED:
            source, target = ROOT / name, root / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=LEFT_OUT)
            else:
                shutil.copy(source, target)
        (root / "notebooks").mkdir()

    def add(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert not path.exists()
        path.write_text(dedent(text).lstrip(), encoding="utf-8")

    def put(self, name: str, mark: str, text: str) -> None:
        """Write a text before the first place where a mark stands in a file."""
        before, found, after = (self.root / name).read_text(encoding="utf-8").partition(mark)
        assert found, f"{name} has no {mark!r}"
        (self.root / name).write_text(before + text + mark + after, encoding="utf-8")

    def append(self, name: str, text: str) -> None:
        with (self.root / name).open("a", encoding="utf-8") as file:
            file.write(dedent(text))

    def python(self, *arguments: str) -> subprocess.CompletedProcess:
        """Run Python on the copy, which has a data set of its own."""
        folders = {"FOURMASKS_ROOT": ".", "FOURMASKS_DATA": "own", "PYTHONPATH": "src"}
        env = {name: value for name, value in os.environ.items() if name != "FOURMASKS_RECORDS"}
        env |= {name: str(self.root / folder) for name, folder in folders.items()}
        command = [sys.executable, *arguments]
        return subprocess.run(command, env=env, cwd=self.root, capture_output=True, text=True)

    def fourmasks(self, *commands: list[str]) -> list[str]:
        """Return what each of some commands prints; one process runs them all."""
        script = """
            import contextlib, io, json, sys
            from fourmasks.book.cli import main
            found = []
            for command in json.loads(sys.argv[1]):
                with contextlib.redirect_stdout(io.StringIO()) as out:
                    assert main(command) == 0, command
                found.append(out.getvalue())
            print(json.dumps(found))
        """
        done = self.python("-c", dedent(script), json.dumps(commands))
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    def complaints(self, *tests: str) -> str:
        """Return what some tests of the copy complain about, "" if nothing."""
        done = self.python("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", "--tb=short", *tests)
        return "" if done.returncode == 0 else done.stdout


def add_a_data_set(copy: Copy) -> None:
    copy.append(
        "data/registry.yaml",
        """
        tiny-stars:
          title: Tiny stars
          contents: who gave how many stars to what
          shape: [30, 12]
          homepage: https://example.org/
          licence: free
          citation: [lee2005acquiring]
          layouts:
            - - {name: stars.csv}
        """,
    )
    copy.add(
        "src/fourmasks/data/readers/tiny.py",
        '''
        """Tiny stars: `stars.csv`, a line "user,item,stars" for each rating."""

        import numpy as np


        def read(files):
            """Return users, items and stars, three arrays (n,), and what was read."""
            return *np.loadtxt(files["stars.csv"], delimiter=",", dtype=int).T, "stars.csv"
        ''',
    )
    copy.put(RATINGS, "\nLEAST_OF_A_USER", "from fourmasks.data.readers import tiny\n")
    copy.put(
        RATINGS,
        "LOADERS = {",
        dedent(
            """
            def _tiny(name):
                users, items, stars, source = tiny.read(locate(name))
                return make_ratings(
                    name, users, items, stars, (30, 12), (1, 5), kind="real", source=source
                )


            """
        ).lstrip(),
    )
    copy.put(RATINGS, '    "simulated": _simulated,', '    "tiny-stars": _tiny,\n')
    copy.put("src/fourmasks/claims/files.py", '"yale-b", "reuters', '"tiny-stars", ')
    copy.put(NAMES, '    "ml-100k": "MovieLens 100K",', '    "tiny-stars": "Tiny stars",\n')
    copy.add(
        "own/tiny-stars/stars.csv",
        "".join(f"{u},{i},{1 + (u * i + u) % 5}\n" for u in range(30) for i in range(12) if (u + i) % 3),
    )


def add_a_baseline(copy: Copy) -> None:
    copy.add(
        "src/fourmasks/baselines/ratings/biases.py",
        '''
        """Biases, and nothing else."""

        from fourmasks.baselines.ratings.fitting import Baseline, zeros


        class Biases(Baseline):
            """The prediction is the mean of the ratings, a number for the user and one for the item."""

            def __init__(
                self, ridge=0.02, *, learning_rate=0.05, batch_size=512, epochs=50, patience=4,
                random_state=0, device="cpu", verbose=False,
            ):  # fmt: skip
                self.ridge, self.learning_rate, self.batch_size = ridge, learning_rate, batch_size
                self.epochs, self.patience, self.random_state = epochs, patience, random_state
                self.device, self.verbose = device, verbose

            def _start(self, data, generator):
                return {side: zeros((n,), data) for side, n in zip(("users", "items"), data.shape)}

            def _losses(self, parameters, data, generator):
                for batch in data.batches(self.batch_size, generator):
                    biases = parameters["users"][data.users[batch]], parameters["items"][data.items[batch]]
                    errors = self._mean + sum(biases) - data.values[batch]
                    yield (errors.square() + self.ridge * sum(bias.square() for bias in biases)).mean()

            def _scores(self, tables, users, items):
                return self._mean + tables["users"][users] + tables["items"][items]
        ''',
    )
    catalogue = "src/fourmasks/baselines/ratings/catalogue.py"
    copy.put(
        catalogue,
        "from fourmasks.baselines.ratings.llorma",
        "from fourmasks.baselines.ratings.biases import Biases\n",
    )
    copy.put(catalogue, '"rbm": RBM', '"biases": Biases, ')
    space = {"ridge": [0.02, 0.1], "learning_rate": [0.02, 0.05], "batch_size": [64, 512]}
    copy.put(catalogue, '    "pmf": {', f'    "biases": {space},\n')
    copy.put(NAMES, '    "pmf": "PMF",', '    "biases": "Biases alone",\n')
    copy.put(COMMON, '    "pmf": {"rank', '    "biases": {"learning_rate": 0.2},\n')


def add_claims(copy: Copy) -> None:
    copy.add(
        "data/claims/tiny.yaml",
        """
        paper: tiny
        groups:
        - experiment: tiny/tails
          claims:
          - id: tiny-theorem1
            place: Theorem 1
            kind: theory
            form: fact
            decimals: 10
            protocol: what a truncated SVD leaves, beside the tail of the spectrum
            metric: gap
            reported: 0
        - experiment: tiny/stars
          kind: experiment
          claims:
          - id: tiny-table1-biases
            place: Table 1
            form: value
            protocol: five splits
            metric: test_rmse
            dataset: tiny-stars
            method: biases
            match: {method: biases}
            held_out: true
            reported: 1.4
        """,
    )
    copy.add(
        "tests/tiny/test_claims.py",
        '''
        """data/claims/tiny.yaml, typed a second time."""

        from fourmasks.claims.files import load_claims


        def test_what_the_paper_prints():
            assert {c.place: c.reported for c in load_claims("tiny")} == {"Theorem 1": 0, "Table 1": 1.4}
        ''',
    )


def add_a_paper(copy: Copy) -> None:
    for name, docstring in {
        "tiny": "What a truncated SVD leaves (a paper that does not exist).",
        "tiny/tails": "Experiment: the error of a truncated SVD beside the tail of the spectrum (Theorem 1).",
        "tiny/stars": "Experiment: biases alone (Table 1).",
    }.items():
        copy.add(f"src/fourmasks/{name}/__init__.py", f'"""{docstring}"""\n')
    copy.add(
        "src/fourmasks/tiny/tails/run.py",
        '''
        """One run: a random matrix, its truncated SVD, and the tail of its spectrum."""

        import numpy as np


        def run(shape, rank, seed) -> dict:
            """Return how far the error of a truncated SVD is from the norm of what it leaves out."""
            matrix = np.random.default_rng(seed).normal(size=shape)
            u, values, v = np.linalg.svd(matrix, full_matrices=False)
            error = np.linalg.norm(matrix - (u[:, :rank] * values[:rank]) @ v[:rank])
            return {"metrics": {"gap": abs(error - np.linalg.norm(values[rank:]))}}
        ''',
    )
    copy.add(
        "src/fourmasks/tiny/stars/run.py",
        '''
        """One run: a baseline on one split."""

        from fourmasks.baselines.ratings.catalogue import MODELS
        from fourmasks.data.ratings import load_ratings
        from fourmasks.data.splits import split
        from fourmasks.learning.metrics import mean_squared_error


        def run(dataset, method, seed) -> dict:
            """Return the RMSE of a baseline on a split of ratings."""
            parts = split(load_ratings(dataset), "random", seed, 0.1)
            model = MODELS[method](random_state=seed).fit(parts.train, parts.validation)
            predicted = model.predict(parts.test.users, parts.test.items)
            return {"metrics": {"test_rmse": mean_squared_error(predicted, parts.test.values) ** 0.5}}
        ''',
    )
    for name, options, runs in (
        (
            "tails",
            "rank: int = option(2, least=1, help='of the truncated SVD')",
            "Run('tiny/tails', run_one, {'shape': [8, 6], 'rank': config.rank, 'seed': seed})",
        ),
        (
            "stars",
            "dataset: tuple[str, ...] = option(('tiny-stars',), help='ratings', choices=rating_names())",
            "Run('tiny/stars', run_one, {'dataset': config.dataset[0], 'method': 'biases', 'seed': seed},"
            " load_ratings(config.dataset[0]).sha256, load=load_ratings)",
        ),
    ):
        copy.add(
            f"src/fourmasks/tiny/{name}/plan.py",
            f'''
            """What the experiment runs."""

            from dataclasses import dataclass

            from fourmasks.data.ratings import load_ratings, rating_names
            from fourmasks.experiments.plan import Run, carry_out
            from fourmasks.experiments.profiles import Options, option
            from fourmasks.tiny.{name}.run import run as run_one


            @dataclass(frozen=True)
            class Config(Options):
                """What the experiment runs."""

                {options}
                seeds: int = option(2, least=1, help="number of seeds, from 0")


            PROFILES = {{"smoke": Config(seeds=1), "book": Config(), "paper": Config(seeds=5)}}


            def run(config, profile, device="cpu"):
                """Make the runs that are not there yet, and return all records."""
                return carry_out(plan(config), config, profile, device)


            def plan(config):
                """Yield a run for each seed."""
                for seed in range(config.seeds):
                    yield {runs}
            ''',
        )
    copy.put("src/fourmasks/book/house.py", '"sparse", "book"', '"tiny", ')
    copy.put("tests/test_house.py", '"sparse")', '"tiny", ')
    copy.put("src/fourmasks/book/words.py", '"sparse": "Sparse"', '"tiny": "Tiny", ')
    copy.put("src/fourmasks/book/extensions/statement_numbers.py", '"sparse": "S"', '"tiny": "T", ')
    copy.add(
        "notebooks/tiny/tails.py",
        """
        # %% [markdown]
        # # What a truncated SVD leaves

        # %% tags=["parameters", "hide-input"]
        profile = "book"  # type: str  smoke, book or paper
        rank = None  # type: int  of the truncated SVD, None for the profile's

        # %% tags=["hide-input"]
        from fourmasks.claims.ledger import ledger
        from fourmasks.experiments.profiles import resolve
        from fourmasks.pages import figures as page
        from fourmasks.pages.markup import verdicts
        from fourmasks.tiny.stars import plan as stars
        from fourmasks.tiny.tails import plan as tails

        page.begin("tiny/tails")
        tails.run(resolve(tails.PROFILES, profile, rank=rank), profile)
        stars.run(stars.PROFILES[profile], profile)

        # %% tags=["nbval-check-output"]
        verdicts(ledger("tiny"))
        """,
    )
    done = copy.python("-m", "fourmasks.book.house", "--write")
    assert done.returncode == 0, done.stderr


@pytest.fixture
def copy(tmp_path):
    return Copy(tmp_path)


def test_a_fifth_paper_with_data_set_baseline_and_claims(copy):
    add_a_data_set(copy)
    add_a_baseline(copy)
    add_claims(copy)
    add_a_paper(copy)
    paper = [["run", "tiny/tails", "--profile", "paper"], ["claims", "tiny", "--json"]]
    datasets, listed, planned, _, claims, ready, again = copy.fourmasks(
        ["data", "list"], ["list"], ["plan", "tiny"], *paper, ["records", "status"], ["plan", "tiny"]
    )
    assert "tiny-stars" in datasets and "tiny/tails" in listed
    assert re.search(r"^all +10 .* 2$", planned, re.MULTILINE), planned  # runs missing, claims that wait
    found = {row["id"]: row for row in json.loads(claims)}
    theorem, value = found["tiny-theorem1"], found["tiny-table1-biases"]
    assert theorem["verdict"] == "reproduced"
    assert value["verdict"] in ("reproduced", "not reproduced", "inconclusive") and 1 < value["measured"] < 2
    assert re.search(r"^all +10( +0)+$", ready, re.MULTILINE), ready  # ten fresh records, no other
    assert "tiny" not in again
    assert "| `tiny/tails/` | Experiment:" in (copy.root / "CONTRIBUTING.md").read_text(encoding="utf-8")
    tests = ("tests/test_house.py", "tests/tiny", "tests/pages/test_names.py", COMMON)
    assert not copy.complaints(*tests, "-k", "test_house or tiny or every_data_set or biases")
