"""Buttons that open a notebook at Binder or Colab, once `repository.url` is at GitHub: a Sphinx extension.

Jupyter Book makes them from `_config.yml`, but replaces its theme options by those of `sphinx.config`.
"""

from pathlib import Path
from urllib.parse import urlsplit

import yaml
from sphinx.application import Sphinx
from sphinx.config import Config

HOSTS = {"binderhub_url": "https://mybinder.org", "colab_url": "https://colab.research.google.com"}


def add_buttons(app: Sphinx, config: Config) -> None:
    """Give the theme the repository that `_config.yml` names, if it names one, and where to launch."""
    repository = yaml.safe_load(Path(app.srcdir, "_config.yml").read_text(encoding="utf-8"))["repository"]
    if urlsplit(repository.get("url") or "").hostname != "github.com":  # the theme knows how to open these
        return
    config.html_theme_options |= {
        "repository_url": repository["url"],
        "repository_branch": repository.get("branch", "main"),
        "path_to_docs": "",
        "use_repository_button": True,
        "use_issues_button": True,
        "launch_buttons": {**HOSTS, "notebook_interface": "jupyterlab"},
    }


def setup(app: Sphinx) -> dict:
    """Let Sphinx call `add_buttons` before the theme reads its options."""
    app.connect("config-inited", add_buttons, priority=100)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
