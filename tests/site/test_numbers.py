"""A measured number in prose has an id behind it: it is printed by the role `claim`, or not at all."""

import re

import pytest

from fourmasks.system.paths import notebooks_folder, project_root

ROOT = project_root()
PAGES = [*sorted((ROOT / "book").rglob("*.md")), *sorted(notebooks_folder().rglob("*.py"))]

# Pages whose numbers are not ours to measure.
EXEMPT = {
    "book/changelog.md": "versions",
    "book/data.md": "what the data sets are, as their sources say",
    "book/misprints.md": "the papers' own numbers, and what follows from them exactly",
}
# Settings, definitions and numbers of a paper: what may stand in prose, and why.
ALLOWED = {
    r"95 %": "the level of all intervals, a definition",
    r"the level\b.{0,20}\bis 5 %|at the 5 % level": "the level of all verdicts, a definition",
    r"or 1 % where": "the margin of a verdict where a paper claims no effect, a definition",
    r"\b100 % when|below 0 %": "the ends of a share, a definition",
    r"5 % (?:of (?:the|its)|drawn)": "validation sets, a setting",
    r"holds out 20 %|80 % of the items": "test sets, a setting",
    r"80 % for training, 10 % for validation, 10 % for the test": "how likes are split, a setting",
    r"the 5 %, 50 % and": "the places at which groups of users are taken, a setting",
    r"above (?:10 %, )?1 %(?: and 0\.1 %)? of the largest": "the thresholds of a rank, a definition",
    r"beyond 1\.96": "the 95 % point of the normal distribution, a definition",
    r"within 0\.25 of the counted": "when a slope is as counted, a definition",
    r"size 0\.1|: 0\.1 is our start|\bat 0\.1, where|deviation 0\.1": "embeddings at the start, a setting",
    r"from 0\.05 to 0\.95 and from to 2, in steps of 0\.05 and 0\.1": "random instances, a setting",
    r"0\.5, and one|0\.5 and 0\.5, so": "what the LU-Net paper leaves open, settings",
    r"\((?:2\.9|2\.14)\)": "equations of the LU-Net paper",
    r"about 0\.006 and about 0\.08": "constants of the reference implementation of MMF, from its settings",
    r"\bthe paper(?:'s| prints| reports| states) [^.;:,\d]{0,40}\d+(?:\.\d+)?(?: %)?": "printed by a paper",
    r"(?<=for its network and )0\.0050": "printed by a paper",
    r"two errors in that row give 18\.1 %": "what follows from printed numbers",
}

STRIPPED = (
    r"^```\{(?:code-block|raw|claims)\}.*?^```",  # code, and what code prints
    r"^```(?!\{)[a-z]*\n.*?^```",
    r"^:(?:label|class|name):.*?$",
    r"\$\$.*?\$\$|\$[^$]*?\$",  # mathematics
    r"(?:\{[\w:+-]+\})?`[^`]*`",  # roles and code
    r"(?<=\])\([^)\s]*\)|https?://\S+",  # links
    r"<[^>]+>",
    r'"[^"]*?"|“[^”]*?”',  # quotations
)
NUMBER = r"(?!0)(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,2})*(?![\d.]*\d|\s*%)"
PLACE = (
    r"(?:Appendi(?:x|ces)|Algorithm|Corollar(?:y|ies)|Definition|Eq\.|Equation|Example|Figure|Lemma|Proposition"
    r"|Python|Remark|Result|Section|Table|Theorem)s?"
)
PLACES = (
    rf"{PLACE}\s+\(?{NUMBER}\)?(?:\s*(?:,\s*(?:and\s+)?|and|or|to|from|–|mended,?|{PLACE})\s*\(?{NUMBER}\)?)*"
)
MEASURED = r"(?<![\w.])[-−+]?\d+(?:\.\d+)?\s*%|(?<![\w.])[-−+]?\d+\.\d+(?![\w.]*\w)"


def prose(text):
    """Return a text without code, mathematics, roles, links, quotations and places such as Table 4."""
    for pattern in STRIPPED:
        text = re.sub(pattern, " ", text, flags=re.MULTILINE | re.DOTALL)
    text = " ".join(re.sub(r"[*_]", "", text).split())
    equations = re.findall(r"Eq\. \((\d\.\d+)\)", text)
    text = re.sub(PLACES, " ", text)
    for equation in equations:  # its number alone, where the page has named it as one
        text = text.replace(f"({equation})", " ")
    return text


def told(path):
    """Return what a page tells: its text, or the markdown cells of a notebook."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".md":
        return text
    cells = [cell.partition("\n") for cell in re.split(r"^# %%", text, flags=re.MULTILINE)]
    return "\n".join(re.sub(r"^# ?", "", body, flags=re.M) for head, _, body in cells if "[markdown]" in head)


def typed(text):
    """Return the decimal numbers and percentages that prose has, each with what stands around it."""
    text = prose(text)
    for pattern in ALLOWED:
        text = re.sub(pattern, lambda found: re.sub(r"\d", "#", found[0]), text, flags=re.IGNORECASE)
    return [text[max(0, found.start() - 40) : found.end() + 20] for found in re.finditer(MEASURED, text)]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_measured_number_is_typed_into_prose(path):
    if path.relative_to(ROOT).as_posix() not in EXEMPT:
        assert typed(told(path)) == []


@pytest.mark.parametrize("pattern", tuple(ALLOWED))
def test_no_exception_is_left_over(monkeypatch, pattern):
    monkeypatch.delitem(ALLOWED, pattern)
    pages = (path for path in PAGES if path.relative_to(ROOT).as_posix() not in EXEMPT)
    assert any(typed(told(path)) for path in pages)


@pytest.mark.parametrize(
    "text",
    [
        "The error is 0.841 on these data.",
        "The masks give 3 % more.",
        "It falls\nby 1.7 %, as Table 4 says.",
        "Its error (0.84) is that of Table 4, 0.83.",
        "The *mean* is **−0.02**.",
        '"Better", we find: 12.5 times.',
        "The interval of 95 % is 0.2 wide.",
        "The paper reports 0.8 %, and we find 0.3 %.",
    ],
)
def test_a_measured_number_is_found(text):
    assert typed(text)


@pytest.mark.parametrize(
    "text",
    [
        "By Eq. (2.5) and (2.6), Sections 5.3 to 5.5, Theorem 4.13, Table 4 and Figure B.2.",
        "With Eq. (2.9) it holds, without (2.9) it does not. Definitions 2.5, 3.7 and 5.2.",
        'The paper says "0.845 in all\ncases", and we {claim}`mmf-table4-ml-1m-mf-plain measured`.',
        "At $x = 0.5$ and\n$$y = 0.25$$ the code `lr=0.01` of [this page](a-0.5.md) runs.",
        "```{code-block} text\n0.5\n```\n",
        "Intervals are 95 % intervals; there are 2,414 users and 3 masks.",
    ],
)
def test_places_settings_quotations_and_roles_are_passed_over(text):
    assert typed(text) == []
