"""CITATION.cff in BibTeX, as the page on citing shows it. `python -m fourmasks.book.citation` prints it."""

from pathlib import Path

import yaml

from fourmasks.system.paths import project_root

# A type of CITATION.cff, the entry that BibTeX has for it, and the field that says where it appeared.
ENTRIES = {
    "software": ("software", ""),
    "conference-paper": ("inproceedings", "booktitle"),
    "article": ("article", "journal"),
}
KEYS = "fourmasks", "mmf2026", "pia2026", "lunet2026", "sparse2021"  # as in book/references.bib


def bibtex(path: Path | None = None) -> str:
    """Return the project and the four papers as BibTeX entries.

    Parameters
    ----------
    path : Path, optional
        Of a citation file; without it that of the project.
    """
    cited = yaml.safe_load((path or project_root() / "CITATION.cff").read_text(encoding="utf-8"))
    works = zip(KEYS, [cited, *cited["references"]], strict=True)
    return "\n\n".join(_entry(key, work) for key, work in works)


def _entry(key: str, work: dict) -> str:
    kind, place = ENTRIES[work["type"]]
    where = work.get("journal") or work.get("conference", {}).get("name")
    if kind == "article" and not where:
        kind = "misc"
    fields = {
        "author": " and ".join(map(_name, work["authors"])),
        "title": f"{{{work['title']}}}",
        place: where,
        "version": work.get("version"),
        "year": work.get("year"),
        "doi": work.get("doi"),
        "url": work.get("url"),
    }
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
    return "\n".join([f"@{kind}{{{key},", *lines, "}"])


def _name(author: dict) -> str:
    if "name" in author:
        return f"{{{author['name']}}}"  # in braces: not a person
    return f"{author['family-names']}, {author['given-names']}"


if __name__ == "__main__":
    print(bibtex())
