"""The glossary and the page of methods: every method of every plan has an entry, and every term is of use."""

import ast
import importlib
import re

import pytest

from fourmasks.system.paths import project_root

ROOT = project_root()
BOOK, PACKAGE = ROOT / "book", ROOT / "src" / "fourmasks"
NAMES = re.compile(r" \((`[^`]+`(?:, `[^`]+`)*)\)$")  # of methods, after the field's name


def glossaries(text):
    """Return the entries of each glossary of a page: a dictionary from term to definition, in their order."""
    found = []
    for body in re.findall(r"^```\{glossary\}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        parts = re.split(r"^(\S.*)\n", body, flags=re.MULTILINE)[1:]
        found.append(dict(zip(parts[::2], map(str.strip, parts[1::2]), strict=True)))
    return found


def names_of(term):
    """Return the methods' names in a term: none for a word of the field."""
    match = NAMES.search(term)
    return re.findall(r"`([^`]+)`", match[1]) if match else []


def lists_of_methods():
    """Yield module and variable of each list of methods: METHODS of the plans, MODELS of the catalogues."""
    for path in sorted(PACKAGE.rglob("*.py")):
        wanted = "MODELS" if path.name == "catalogue.py" else "METHODS"
        targets = [
            target.id
            for node in ast.parse(path.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        ]
        if wanted in targets:
            yield ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts), wanted


def methods():
    """Return all names of methods; of a pair, as (library, number of factors), the first."""
    found = set()
    for module, variable in lists_of_methods():
        for name in getattr(importlib.import_module(module), variable):
            found.add(name if isinstance(name, str) else name[0])
    return found


(TERMS,) = glossaries((BOOK / "glossary.md").read_text(encoding="utf-8"))
METHODS = glossaries((BOOK / "methods.md").read_text(encoding="utf-8"))
OTHER_PAGES = [path for path in BOOK.rglob("*.md") if path.name != "glossary.md"]


def test_every_list_of_methods_is_read():
    modules = {module for module, _ in lists_of_methods()}
    assert {f"fourmasks.baselines.{room}.catalogue" for room in ("ranking", "ratings", "top_n")} <= modules
    assert {
        f"fourmasks.{name}.plan" for name in ("mmf.ratings", "pia.recommenders", "lunet.rankings")
    } <= modules


def test_every_method_has_one_entry_and_every_name_is_a_method():
    named = [name for entries in METHODS for term in entries for name in names_of(term)]
    assert len(named) == len(set(named))
    assert set(named) == methods()
    assert all(names_of(term) for entries in METHODS for term in entries)
    assert not any(names_of(term) for term in TERMS)


def test_every_term_is_used():
    pages = "\n".join(path.read_text(encoding="utf-8") for path in OTHER_PAGES)
    linked = {re.sub(r"^.*<(.*)>$", r"\1", link).lower() for link in re.findall(r"\{term\}`([^`]+)`", pages)}
    said = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").rglob("*.py")).lower()
    said = re.sub(r"\n#? *", " ", said)
    assert [term for term in TERMS if term.lower() not in linked and term.lower() not in said] == []


def test_links_lead_to_entries():
    known = {re.sub("`", "", term).lower() for entries in (TERMS, *METHODS) for term in entries}
    for path in BOOK.rglob("*.md"):
        links = re.findall(r"\{term\}`([^`]+)`", path.read_text(encoding="utf-8"))
        assert {re.sub(r"^.*<(.*)>$", r"\1", link).lower() for link in links} <= known, path.name


@pytest.mark.parametrize("entries", [TERMS, *METHODS], ids=lambda entries: next(iter(entries)))
def test_entries_are_short_and_in_order(entries):
    keys = [re.sub(r"\W+", " ", NAMES.sub("", term)).lower() for term in entries]
    assert keys == sorted(keys)
    for term, definition in entries.items():
        plain = re.sub(r"\$[^$]*\$|`[^`]*`|\{\w+\}", "", definition)
        assert definition and len(re.findall(r"[.!?](?:\s|$)", plain)) <= 4, term


def test_no_symbol_is_defined_twice():
    symbols = set(re.findall(r"^\| (\$[^|]*\$) \|", (BOOK / "notation.md").read_text(encoding="utf-8"), re.M))
    assert symbols and not symbols & {term for entries in (TERMS, *METHODS) for term in entries}
