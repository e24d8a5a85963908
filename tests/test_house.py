"""The rules of the house, held by reading imports: floors, rooms, names, and what a bare machine needs."""

import ast
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import pytest

import fourmasks
from fourmasks.book import house

ROOT = Path(fourmasks.__file__).parent
PAPERS = ("lunet", "mmf", "pia", "sparse")
SIDE_BY_SIDE = "four"  # compares their models

# As the map has them, from the top. A part imports from its own folder and from lower floors. On the third
# floor parts may also import one another, without a circle; papers and the book stand alone.
FLOORS = tuple(house.FLOORS.values())
FLOOR = {part: number for number, parts in enumerate(FLOORS) for part in parts}
NEIGHBOURS = 3  # the floor on which parts may import one another

MOST_MODULES = 14
# What makes the numbers of a run: it must load where no page can be made.
MAKES_RUNS = ("system", "data", "records", "learning", "baselines", "experiments")
PAGE_LIBRARIES = {"IPython", "jupytext", "matplotlib", "nbclient", "nbformat", "pandas", "papermill"}

MODULES = {
    ".".join(("fourmasks", *path.relative_to(ROOT).with_suffix("").parts)).removesuffix(".__init__"): path
    for path in sorted(ROOT.rglob("*.py"))
}
PACKAGES = [name for name, path in MODULES.items() if path.name == "__init__.py"]


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(MODULES[module].read_text(encoding="utf-8"))


def imported(nodes: Iterable[ast.AST]) -> set[str]:
    """Return what import statements name: modules of this package in full, of others the top folder."""
    names = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, "imports name their module in full"
            within = (f"{node.module}.{alias.name}" for alias in node.names)
            names |= {name if name in MODULES else node.module for name in within}
    return {name if name.split(".")[0] == "fourmasks" else name.split(".")[0] for name in names}


# Those in functions count here, too; not where the question is what loads.
IMPORTS = {module: imported(ast.walk(tree(module))) for module in MODULES}
INNER = {module: {name for name in names if name in MODULES} for module, names in IMPORTS.items()}


def part(module: str) -> str:
    """Return the folder of `src/fourmasks` in which a module lies, "" for the package itself."""
    return (*module.split("."), "")[1]


def room(module: str) -> str:
    """Return the package in which a module lies; a package lies in itself."""
    return module if module in PACKAGES else module.rpartition(".")[0]


def arrows() -> list[tuple[str, str]]:
    return [(module, other) for module, others in INNER.items() for other in sorted(others)]


def circle(graph: Mapping[str, Iterable[str]]) -> list[str]:
    """Return the names along a circle, or none if there is no circle."""
    done: set[str] = set()

    def search(name, path):
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        found = next(filter(None, (search(other, [*path, name]) for other in sorted(graph[name]))), [])
        done.add(name)
        return found

    return next(filter(None, (search(name, []) for name in graph)), [])


def between(group) -> dict[str, set[str]]:
    """Return the imports between groups of modules; the package itself, which imports nothing, is none."""
    graph: dict[str, set[str]] = {group(module): set() for module in MODULES}
    for module, other in arrows():
        if group(module) != group(other) != group("fourmasks"):
            graph[group(module)].add(group(other))
    return graph


def rises(module: str, other: str) -> bool:
    """Return whether an import goes up, or to a part beside that stands alone."""
    here, there = FLOOR[part(module)], FLOOR[part(other)]
    return part(module) != part(other) and (there < here or there == here != NEIGHBOURS)


def test_the_floors_are_all_parts():
    assert sorted(FLOOR) == sorted({part(module) for module in MODULES} - {""})


def test_no_import_goes_up():
    assert [arrow for arrow in arrows() if part(arrow[1]) and rises(*arrow)] == []


def test_no_paper_is_imported_but_by_itself():
    """Not by the book either, whose notebooks are none of its modules; benchmarks are outside the package.

    What compares the papers imports their models and their theory, and never what makes, shows or plans runs.
    """
    from_outside = [
        arrow for arrow in arrows() if part(arrow[1]) in PAPERS and part(arrow[0]) != part(arrow[1])
    ]
    assert [arrow for arrow in from_outside if not compares(*arrow)] == []


def compares(module: str, other: str) -> bool:
    """Return whether an import is of a paper's model or theory, by what compares the papers."""
    shown = ("plan", "run", "tables", "figures")
    return part(module) == SIDE_BY_SIDE and other.rpartition(".")[2].split("_")[0] not in shown


def test_only_models_and_theory_are_compared():
    assert compares("fourmasks.four.ratings.run", "fourmasks.mmf.models.rating_mmf")
    assert not compares("fourmasks.four.ratings.run", "fourmasks.mmf.ratings.run")
    assert not compares("fourmasks.four.ratings.plan", "fourmasks.sparse.gap.run_census")
    assert not compares("fourmasks.pia.latent.run", "fourmasks.mmf.models.rating_mmf")


@pytest.mark.parametrize("paper", PAPERS)
def test_no_notebook_uses_another_paper(paper):
    """Which would have to be executed again when that paper's code, claims or records change."""
    for path in (ROOT.parents[1] / "notebooks" / paper).glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        named = {
            node.value.split("/")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        }
        named |= {
            name.split(".")[1]
            for node in ast.walk(tree)
            if isinstance(node, ast.ImportFrom) and "." in (name := node.module or "")
        }
        assert named & set(PAPERS) == {paper}, path.name


def test_a_circle_is_seen():
    assert circle({"a": "bc", "b": "c", "c": "d", "d": "b"}) == ["b", "c", "d", "b"]
    assert circle({"a": "bc", "b": "c", "c": ""}) == []


def test_there_is_no_circle():
    assert circle(INNER) == []
    assert circle(between(room)) == []


def test_the_package_imports_nothing_of_the_project_around_it():
    around = {"notebooks", "benchmarks", "tests", "conftest"}
    assert {module: names & around for module, names in IMPORTS.items() if names & around} == {}
    missing = {name for names in IMPORTS.values() for name in names if name.startswith("fourmasks.")}
    assert missing <= MODULES.keys()


def test_a_folder_has_few_modules():
    counts = {name: sum(room(module) == name for module in MODULES) - 1 for name in PACKAGES}
    assert {name: count for name, count in counts.items() if count > MOST_MODULES} == {}


def test_every_folder_is_a_package():
    folders = {path.parent for path in MODULES.values()}
    assert folders == {MODULES[name].parent for name in PACKAGES}


def test_tests_lie_in_the_folders_of_what_they_test():
    tests = Path(__file__).parent
    folders = {path.parent.relative_to(tests) for path in tests.rglob("test_*.py")} - {Path(".")}
    own = {folder for folder in folders if not (ROOT / folder).is_dir()}
    assert own == {Path("notebooks"), Path("site")}  # those of the committed notebooks and of the built site


def test_no_name_repeats_that_of_its_folder():
    def repeats(module):
        *folders, name = module.split(".")
        return any(name.startswith((f"{folder}_", f"{folder.rstrip('s')}_")) for folder in folders)

    assert [module for module in MODULES if repeats(module)] == []


@pytest.mark.parametrize("kind", ["packages", "modules"])
def test_each_says_what_it_is_for(kind):
    names = PACKAGES if kind == "packages" else MODULES
    assert [name for name in names if not ast.get_docstring(tree(name))] == []


def makes_runs(module: str) -> bool:
    name = module.rpartition(".")[2]
    return part(module) in MAKES_RUNS or (
        part(module) in (*PAPERS, SIDE_BY_SIDE)
        and (name.split("_")[0] in ("plan", "run") or "models" in module.split("."))
    )


def loads(module: str) -> dict[str, str]:
    """Return all that is imported when a module is, with the module that imports it."""
    found, waiting = {}, [module]
    while waiting:
        here = waiting.pop()
        outside_functions = ast.Module(
            [node for node in tree(here).body if not isinstance(node, ast.FunctionDef | ast.ClassDef)], []
        )
        for name in imported(ast.walk(outside_functions)) - found.keys():
            found[name] = here
            waiting += [name] if name in MODULES else []
    return found


def test_runs_need_nothing_that_only_pages_need():
    """So that a machine for training needs neither pandas nor matplotlib."""
    needs = {
        f"{module}: {name} in {where}"
        for module in filter(makes_runs, MODULES)
        for name, where in loads(module).items()
        if name in PAGE_LIBRARIES or name.startswith(("fourmasks.pages", "fourmasks.book"))
    }
    assert sorted(needs) == []
