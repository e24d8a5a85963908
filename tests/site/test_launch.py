"""Launch buttons: there with a repository, not there without one."""

import subprocess
import sys

import nbformat
import pytest

from fourmasks.system.paths import project_root


@pytest.mark.parametrize("url", ["", "https://example.org/book", "https://github.com/four/masks"])
def test_buttons_appear_with_a_repository(tmp_path, url):
    config = (project_root() / "_config.yml").read_text(encoding="utf-8")
    assert 'url: ""' in config
    (tmp_path / "_config.yml").write_text(config.replace('url: ""', f'url: "{url}"'))
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: notebooks/one\n")
    cells = [nbformat.v4.new_markdown_cell("# One"), nbformat.v4.new_code_cell("1")]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    for folder in ("notebooks", "book", "texts"):
        (tmp_path / folder).mkdir()
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), tmp_path / "notebooks/one.ipynb")
    for name in ("book/_static", "book/references.bib"):
        (tmp_path / name).symlink_to(project_root() / name)
    builder = "from jupyter_book.cli.main import main; main()"
    command = [sys.executable, "-c", builder, "build", tmp_path, "--path-output", tmp_path, "--quiet", "-W"]
    built = subprocess.run(command, capture_output=True, text=True)
    assert built.returncode == 0, built.stderr
    page = (tmp_path / "_build/html/notebooks/one.html").read_text(encoding="utf-8")
    for address in (
        "https://mybinder.org/v2/gh/",
        "https://colab.research.google.com/github/",
    ):
        assert (address in page) == ("github" in url)
