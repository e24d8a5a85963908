"""Launch buttons: there with a repository, not there without one."""

import nbformat
import pytest

from fourmasks.system.paths import project_root


@pytest.mark.parametrize("url", ["", "https://example.org/book", "https://github.com/four/masks"])
def test_buttons_appear_with_a_repository(tmp_path, build_book, url):
    config = (project_root() / "_config.yml").read_text(encoding="utf-8")
    assert 'url: ""' in config
    (tmp_path / "_config.yml").write_text(config.replace('url: ""', f'url: "{url}"'))
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: notebooks/one\n")
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    (tmp_path / "notebooks").mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "notebooks/one.ipynb")
    page = (build_book(tmp_path) / "notebooks/one.html").read_text(encoding="utf-8")
    for address in (
        "https://mybinder.org/v2/gh/",
        "https://colab.research.google.com/github/",
    ):
        assert (address in page) == ("github" in url)
