"""The page on contesting a verdict: its template is that of the issues, and readers find it."""

from fourmasks.claims.files import load_claims
from fourmasks.system.paths import project_root

TEMPLATE = project_root() / ".github" / "ISSUE_TEMPLATE" / "contest-a-verdict.md"


def page(name):
    return (project_root() / "book" / name).read_text(encoding="utf-8")


def test_the_page_shows_the_template():
    head, body = TEMPLATE.read_text(encoding="utf-8").removeprefix("---\n").split("\n---\n")
    assert "name: Contest a verdict" in head
    assert body.strip() and body.strip() in page("dispute.md")


def test_the_pages_that_judge_lead_to_it():
    for name in ("intro.md", "misprints.md"):
        assert "(dispute.md)" in page(name)


def test_the_example_is_a_claim():
    assert "mmf-table3-yale-b-b60-svd" in page("dispute.md")
    assert "mmf-table3-yale-b-b60-svd" in {claim.id for claim in load_claims("mmf")}
