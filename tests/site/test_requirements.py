"""The lock holds every package that the environment needs, and the light installation what models need."""

import re
import subprocess
import sys
import tomllib
from importlib.metadata import distribution

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from fourmasks.system.paths import project_root

ROOT = project_root()
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
# What PyPI's torch needs on Linux and no other build of it.
OF_CUDA = re.compile(r"nvidia-|cuda-|triton")


def pinned(name):
    """Return the versions of a requirements file by package."""
    lines = (ROOT / name).read_text(encoding="utf-8").splitlines()
    found = [line.partition("#")[0].strip() for line in lines]
    pairs = [line.split("==") for line in found if line]
    return {canonicalize_name(package): version for package, version in pairs}


def needed(names):
    """Return the packages that these need in this environment, in turn, themselves included."""
    found, fresh = set(), {canonicalize_name(name) for name in names}
    while fresh:
        found |= fresh
        needs = [Requirement(text) for name in fresh for text in distribution(name).requires or ()]
        wanted = [one for one in needs if one.marker is None or one.marker.evaluate({"extra": ""})]
        fresh = {canonicalize_name(one.name) for one in wanted if not OF_CUDA.match(one.name)} - found
    return found


def test_the_lock_pins_all_that_is_needed_as_it_is_installed():
    asked, locked = pinned("requirements.in"), pinned("requirements.txt")
    assert asked.items() <= locked.items()
    missing = needed(asked) - locked.keys() - {"pip", "setuptools"}  # which every environment has
    assert missing == set()
    other = {name: distribution(name).version for name in locked}
    assert {name: version.partition("+")[0] for name, version in other.items()} == locked


def test_what_the_package_asks_for_is_locked_in_a_version_that_fits():
    locked = pinned("requirements.txt")
    extras = PROJECT["optional-dependencies"]
    texts = [*PROJECT["dependencies"], *extras["book"], *extras["data"], *extras["cluster"], *extras["dev"]]
    for one in map(Requirement, texts):
        if one.name != "fourmasks":
            assert one.specifier.contains(locked[canonicalize_name(one.name)]), one


LIGHT = """
import sys
sys.modules.update(dict.fromkeys({names}))  # as if they were not installed
import numpy as np
import fourmasks
for name in fourmasks.__all__:
    getattr(fourmasks, name)
users = fourmasks.hold_out_users(fourmasks.load_interactions("simulated-small"), seed=0)
fourmasks.MultiVAE(hidden=8, latent=2, epochs=1).fit(users.train)
parts = fourmasks.split(fourmasks.load_ratings("simulated-small"), "per-user", seed=0)
fourmasks.RatingMMF(rank=4, n_masks=1, epochs=1).fit(parts.train, parts.validation)
fourmasks.LUNetRecommender(dimension=4, epochs=1).fit(parts.train)
x = np.random.default_rng(0).normal(size=(9, 8))
fourmasks.MMF(budget=4, n_masks=1, max_iter=2, verbose=False).fit(x)
print(fourmasks.closable(fourmasks.SupportPair(np.eye(2), np.eye(2))).holds)
"""


def test_the_light_installation_is_enough():
    # SciPy takes any entry for Sphinx in sys.modules to be Sphinx.
    light = needed([Requirement(text).name for text in PROJECT["dependencies"]])
    heavy = sorted(pinned("requirements.txt").keys() - light)
    modules = {name.replace("-", "_") for name in heavy if name != "sphinx"} | {"yaml", "PIL"}
    assert {"pandas", "matplotlib", "pyarrow", "h5py", "pooch", "papermill"} <= modules
    program = LIGHT.replace("{names}", repr(modules))
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (0, "True\n"), done.stderr


@pytest.mark.parametrize("name", ["data", "book", "cluster", "peers", "dev"])
def test_extras(name):
    assert PROJECT["optional-dependencies"][name]
