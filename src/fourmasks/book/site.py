"""The book: its committed notebooks, executed in place, and the sources from which Sphinx makes the site.

`python -m fourmasks.book.site refresh [NAME...]` and `python -m fourmasks.book.site stage FOLDER`;
`make notebooks` and `make book` call them. `python -m fourmasks.book.site results` writes the results into
the README.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from fourmasks.book import interactive, scoreboard
from fourmasks.book.notebooks import execution
from fourmasks.book.notebooks.texts import list_notebooks
from fourmasks.claims.files import KINDS
from fourmasks.claims.ledger import ledger
from fourmasks.claims.verdicts import NOT_REPRODUCED, VERDICTS
from fourmasks.system.files import write_between, write_whole
from fourmasks.system.paths import notebooks_folder, project_root

RESULTS = ("<!-- results -->", "<!-- /results -->")
EXECUTED = "executed.json"
TEXTS = Path("texts")  # in `html_extra_path` of `_config.yml`
AT_ONCE = 4  # notebooks, at most: each holds a kernel in memory

# See `_current`.
SHARED_SOURCES = (
    *("src/fourmasks/**/*.py", "requirements.txt", "data/registry.yaml"),
    *("data/claims/**/*", "data/records/**/*", "data/samples/**/*"),
)


def stage(destination: str | Path) -> list[str]:
    """Make a folder hold the sources of the site: pages, changelog, notebooks, widgets' data, scoreboard.

    Files that did not change are left alone, notebooks are executed only if something changed on which
    they depend, and files that the sources no longer have are deleted.

    Returns
    -------
    list of str
        The names of the notebooks that raised.
    """
    root, destination = project_root(), Path(destination)
    book = (path for path in (root / "book").rglob("*") if path.is_file())
    included = (path for path in (root / "CHANGELOG.md",) if path.is_file())  # a page of book/ includes it
    kept = {path.relative_to(root) for path in (root / "_config.yml", root / "_toc.yml", *book, *included)}
    for path in kept:
        _put(destination / path, (root / path).read_bytes())
    kept |= interactive.stage_data(destination)
    names = list_notebooks()
    for path in (Path("notebooks", f"{name}.ipynb") for name in names):
        kept |= {path, path.with_suffix(".sha256")}
        text = TEXTS / path.with_suffix(".py")  # what the links "code" lead to; Sphinx copies it as it is
        kept.add(text)
        _put(destination / text, (root / path.with_suffix(".py")).read_bytes())
    executed, current = _executed(), _current()
    failed = _which_fail(
        lambda name: stage_notebook(name, destination / "notebooks", current[name], executed), names
    )
    kept |= _stage_scoreboard(destination, kept, current)
    for path in sorted(destination.rglob("*"), reverse=True):
        if path.is_file() and path.relative_to(destination) not in kept:
            path.unlink()
        elif path.is_dir() and not any(path.iterdir()):
            path.rmdir()
    return failed


def _stage_scoreboard(destination: Path, kept: set[Path], current: dict[str, str]) -> set[Path]:
    """Put what is made from the ledger and the pages into the folder, unless it was made from the same."""
    pages = (path for path in sorted(kept) if path.suffix in (".md", ".ipynb"))
    pages = [page for page in pages if (destination / page).is_file()]  # one that raised is not
    parts = [*current.values(), _digest(sorted(Path(__file__).parent.rglob("*.py")))]
    parts += [hashlib.sha256((destination / page).read_bytes()).hexdigest() for page in pages]
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()
    stamp = Path("scoreboard.json")
    noted = json.loads((destination / stamp).read_text()) if (destination / stamp).is_file() else {}
    made = set(map(Path, noted.get("files", ())))
    if noted.get("digest") != digest or not all((destination / path).is_file() for path in made):
        found = scoreboard.files(destination, kept)
        for path, content in found.items():
            _put(destination / path, content)
        made = set(found)
        noted = {"digest": digest, "files": sorted(path.as_posix() for path in made)}
        _put(destination / stamp, json.dumps(noted, indent=1).encode())
    return {stamp, *made}


def _put(path: Path, content: bytes) -> None:
    """Write a file unless it is so already: what is newer than the site has it built anew."""
    if not path.is_file() or path.read_bytes() != content:
        write_whole(path, content)


def stage_notebook(name: str, folder: Path, current: str, executed: dict[str, str]) -> bool:
    """Put a notebook into a folder as executed with these sources, and return whether it raised nothing.

    It may lie there already, or be committed so; else it is executed.
    """
    path = folder / f"{name}.ipynb"
    stamp = path.with_suffix(".sha256")
    if path.is_file() and stamp.is_file() and stamp.read_text() == current:
        _say(f"{name}: unchanged")
        return True
    stamp.unlink(missing_ok=True)
    if executed.get(name) == current:
        write_whole(path, (notebooks_folder() / f"{name}.ipynb").read_bytes())
        _say(f"{name}: as committed")
        done = True
    else:
        done = _try_execute(name, path)
    if done:
        stamp.write_text(current)
    return done


def refresh(names: Iterable[str]) -> list[str]:
    """Execute notebooks beside their text, note with what, and return the names of those that raised."""
    names, current = list(names), _current()
    failed = _which_fail(lambda name: _try_execute(name, notebooks_folder() / f"{name}.ipynb"), names)
    noted = _executed() | {name: current[name] for name in names if name not in failed}
    write_whole(notebooks_folder() / EXECUTED, json.dumps(noted, indent=1, sort_keys=True) + "\n")
    return failed


def _executed() -> dict[str, str]:
    """Return for each committed notebook the digest of what it was executed with."""
    path = notebooks_folder() / EXECUTED
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def _current() -> dict[str, str]:
    """Return for each notebook the digest of what its output may depend on: no other paper, nor this room."""
    root, paper_of = project_root(), {name: name.split("/")[0] for name in list_notebooks()}
    paths = [path for pattern in SHARED_SOURCES for path in sorted(root.glob(pattern))]
    parts = {path: {*path.relative_to(root).parts, path.stem} for path in paths}
    shared = {}
    for paper in set(paper_of.values()):
        others = {*paper_of.values(), "book"} - {paper}
        shared[paper] = _digest(path for path in paths if not parts[path] & others)
    return {
        name: _digest([notebooks_folder() / f"{name}.py"]) + shared[paper] for name, paper in paper_of.items()
    }


def results_table() -> str:
    """Return how many claims of a paper got which verdict, in Markdown, each kind of claim apart."""
    counts: dict[tuple[str, int], Counter] = {}
    faults: Counter = Counter()
    for row in ledger():
        place = row["paper"], -KINDS.index(row["kind"])
        counts.setdefault(place, Counter())[row["verdict"]] += 1
        faults[place] += row["verdict"] == NOT_REPRODUCED and row["fault"] is not None
    lines = ["| paper | claims of | " + " | ".join(VERDICTS) + " |", "|---|---|" + "---|" * len(VERDICTS)]
    for (paper, place), found in sorted(counts.items()):
        cells = [paper, KINDS[-place], *(str(found[name]) for name in VERDICTS)]
        if count := faults[paper, place]:
            words = "slip or gap" if count == 1 else "slips or gaps"
            cells[2 + VERDICTS.index(NOT_REPRODUCED)] += f" ({count} {words})"
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def write_results(readme: Path) -> None:
    """Put `results_table` between the README's two marks."""
    write_between(readme, RESULTS, results_table())


def _which_fail(task: Callable[[str], bool], names: Iterable[str]) -> list[str]:
    """Return the names for which the task returns False, several at once: each notebook has one thread."""
    names = list(names)
    with ThreadPoolExecutor(min(AT_ONCE, os.cpu_count() or 1)) as pool:
        return [name for name, done in zip(names, pool.map(task, names), strict=True) if not done]


def _try_execute(name: str, path: Path) -> bool:
    """Execute a notebook, saying how it went; return whether it raised nothing."""
    start = time.perf_counter()
    try:
        execution.execute(name, path)
    except execution.NotebookError as error:
        _say(error.traceback, str(error))
        return False
    _say(f"{name}: executed in {time.perf_counter() - start:.1f} s")
    return True


def _digest(paths: Iterable[Path]) -> str:
    """Return the SHA-256 of the names and contents of files; folders among them do not count."""
    digest = hashlib.sha256()
    for path in paths:
        if path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            digest.update(f"{os.path.relpath(path, project_root())} {content}\n".encode())
    return digest.hexdigest()


def _say(*lines: str) -> None:
    sys.stderr.write("".join(f"{line}\n" for line in lines if line))  # whole lines, whoever else writes
    sys.stderr.flush()


def main(arguments: list[str] | None = None) -> int:
    """Run `refresh [NAME...]`, `stage FOLDER` or `results`; return 1, naming them, if notebooks raised."""
    parser = argparse.ArgumentParser(prog="python -m fourmasks.book.site")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("refresh", help="execute notebooks in place").add_argument("names", nargs="*")
    commands.add_parser("stage", help="assemble the sources of the site").add_argument("folder")
    commands.add_parser("results", help="write the results into the README")
    options = parser.parse_args(arguments)
    if options.command == "results":
        write_results(project_root() / "README.md")
        return 0
    try:
        if options.command == "stage":
            failed = stage(options.folder)
        else:
            failed = refresh(options.names or list_notebooks())
    except ValueError as error:  # there is no such notebook
        parser.error(str(error))
    if failed:
        _say(f"notebooks that raised: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
