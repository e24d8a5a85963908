"""What the site is made from."""

import re

import pytest
import yaml

from fourmasks.data.registry import load_registry
from fourmasks.system.paths import project_root

BOOK = project_root() / "book"
MATHJAX = BOOK / "_static" / "mathjax"


def sections(text):
    """Return the third-level sections of the page by the name in code at the head of their titles."""
    parts = re.split(r"^### `([^`]+)`", text, flags=re.MULTILINE)
    return {name: " ".join(body.split()) for name, body in zip(parts[1::2], parts[2::2], strict=True)}


def missing_from(section, dataset):
    """Return what the registry says about a data set and its section does not."""
    keys = ",".join(re.findall(r"\{cite:[pt]\}`([^`]+)`", section)).split(",")
    files = {f"`{file.name}`" for layout in dataset.layouts for file in layout}
    said = {f"Licence: {dataset.licence} - From:", f"<{dataset.homepage}>", *files}
    return sorted({text for text in said if text not in section} | set(dataset.citation) - set(keys))


@pytest.mark.parametrize("dataset", load_registry().values(), ids=lambda dataset: dataset.name)
def test_the_data_page_says_what_the_registry_says(dataset):
    found = sections((BOOK / "data.md").read_text(encoding="utf-8"))
    assert dataset.name in found
    assert not missing_from(found[dataset.name], dataset)


def test_a_data_page_that_drifted_is_found():
    dataset = load_registry()["yale-b"]
    section = sections((BOOK / "data.md").read_text(encoding="utf-8"))["yale-b"]
    assert missing_from(section.replace("Licence: free", "Licence: quite free"), dataset)
    assert missing_from(section.replace("YaleB.mat", "yale.mat"), dataset) == ["`YaleB.mat`"]
    assert missing_from(section.replace(",lee2005acquiring", ""), dataset) == ["lee2005acquiring"]


def test_data_sets_cite_what_the_bibliography_has():
    bibliography = (BOOK / "references.bib").read_text(encoding="utf-8")
    known = re.findall(r"^@\w+\{([^,]+),", bibliography, re.MULTILINE)
    assert len(known) == len(set(known))
    assert {key for dataset in load_registry().values() for key in dataset.citation} <= set(known)


def test_every_page_and_every_notebook_is_in_the_table_of_contents():
    root = project_root()
    listed = re.findall(r"(?:root|file): (\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    found = [*BOOK.rglob("*.md"), *(root / "notebooks").rglob("*.ipynb")]
    assert sorted(listed) == sorted(path.relative_to(root).with_suffix("").as_posix() for path in found)


@pytest.mark.parametrize("page", ["CONTRIBUTING.md", "book/architecture.md"])
def test_files_that_a_page_names_are_there(page):
    root = project_root()
    named = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.\w+)`", (root / page).read_text(encoding="utf-8"))
    places = (root, root / "src/fourmasks")
    assert named and [path for path in named if not any((place / path).is_file() for place in places)] == []


def test_mathjax_is_vendored_whole():
    config = yaml.safe_load((project_root() / "_config.yml").read_text(encoding="utf-8"))["sphinx"]["config"]
    script = BOOK / "_static" / config["mathjax_path"]
    assert (MATHJAX / "LICENSE").is_file()
    # MathJax asks for a font when a formula needs it: one that is missing would show up on one page only.
    fonts = set(re.findall(r"MathJax_[A-Za-z0-9]+-[A-Za-z]+(?=\.woff)", script.read_text(encoding="utf-8")))
    assert fonts
    assert fonts <= {path.stem for path in MATHJAX.rglob("*.woff")}
    assert max(path.stat().st_size for path in MATHJAX.rglob("*") if path.is_file()) < 1.5e6
