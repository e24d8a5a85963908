"""The README shows the results that the ledger gives."""

from fourmasks.book import site
from fourmasks.book.site import RESULTS, results_table, write_results
from fourmasks.system.paths import project_root


def test_the_results_are_those_of_the_ledger():
    readme = (project_root() / "README.md").read_text(encoding="utf-8")
    shown = readme.partition(RESULTS[0])[2].partition(RESULTS[1])[0]
    assert shown.strip() == results_table()


def test_results_replace_what_was_between_the_marks_and_nothing_else(tmp_path, monkeypatch):
    monkeypatch.setattr(site, "results_table", lambda: "| new |")
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{RESULTS[0]}\nold\n{RESULTS[1]}\nafter\n")
    write_results(readme)
    assert readme.read_text() == f"before\n{RESULTS[0]}\n| new |\n{RESULTS[1]}\nafter\n"
