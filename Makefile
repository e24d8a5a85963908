# `make` lists the targets. Each sets up the environment in .venv first, if it is not there or outdated.
SHELL := bash
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready
BUILT := _build/built
MINUTES := 10
PROCESSES := --numprocesses auto --maxprocesses 4

export JUPYTER_PLATFORM_DIRS := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

.PHONY: help environment lock book pdf test package verify notebooks bench clean

help:  ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

environment: $(READY)  ## the packages of requirements.txt and this project, in .venv

$(READY): requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo 'Python 3.11 or newer is needed, and "$(PYTHON)" is none: name one, as in  make PYTHON=python3.12' >&2; exit 1; }
	@echo 'Installing the packages of requirements.txt into .venv; the first time this takes some minutes.'
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install --quiet --requirement requirements.txt
	@$(BIN)/pip install --quiet --no-deps --editable .
	@$(BIN)/python -c 'import matplotlib.font_manager' 2> /dev/null  # builds its cache, and says so, only once
	@touch $@

# Versions that fit stay as they are. On Linux PyPI's torch comes with CUDA's packages; a build for the CPU needs
# none of them, and without them the lock is right for both.
lock: $(READY)  ## requirements.txt anew, from requirements.in and what it needs
	@CUSTOM_COMPILE_COMMAND='make lock' $(BIN)/pip-compile --quiet --strip-extras --annotation-style line \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options requirements.in
	@sed -i '/^nvidia-\|^cuda-\|^triton==/d; s/^\(torch==[0-9.]*\)+cpu/\1/' requirements.txt

# The site is built anew if anything changed: an incremental build forgets the warnings of unchanged pages
# and leaves old tables of contents in them.
book: $(READY)  ## execute the notebooks and build the site, _build/html/index.html
	@$(BIN)/python -m fourmasks.book.site stage _build/source
	@if [ ! -e $(BUILT) ] || [ -n "$$(find _build/source $(READY) src/fourmasks/book/*.py -newer $(BUILT))" ]; then \
	  echo 'Building the site.'; \
	  rm -rf _build/html _build/.doctrees $(BUILT); \
	  $(BIN)/jupyter-book build _build/source --path-output . --quiet -W --keep-going > _build/log.txt 2>&1 \
	    || { cat _build/log.txt; echo 'make book: the site has the warnings or errors above'; exit 1; }; \
	  touch $(BUILT); \
	fi
	@echo 'The site is in _build/html/index.html'

pdf: book  ## the whole site as _build/four-masks.pdf, printed by Chromium
	@$(BIN)/python -m fourmasks.book.built.pdf

# The site comes first: tests look at it. nbval executes the notebooks and compares what they show. Processes
# stand side by side already: more threads in each would wait for one another.
test: export OMP_NUM_THREADS := 1
test: $(READY)  ## linter, site, all tests, every notebook at profile smoke, committed outputs, a few records
	@failed=; \
	$(BIN)/ruff check || failed="$$failed linter"; \
	$(MAKE) --no-print-directory book || failed="$$failed book"; \
	$(BIN)/python -m pytest $(PROCESSES) --dist worksteal tests || failed="$$failed tests"; \
	$(BIN)/python -m pytest $(PROCESSES) --dist loadfile --nbval-lax --nbval-kernel-startup-timeout=600 notebooks \
	  || failed="$$failed nbval"; \
	$(MAKE) --no-print-directory verify MINUTES=0.5 || failed="$$failed verify"; \
	[ -z "$$failed" ] || { echo "make test: failed:$$failed (see above)"; exit 1; }

# What the site and the notebooks show is the same on every Python; what makes it is tried here.
package: export OMP_NUM_THREADS := 1
package: $(READY)  ## the tests of the package alone, without site and notebooks
	@$(BIN)/python -m pytest $(PROCESSES) --dist worksteal tests --ignore tests/site --ignore tests/notebooks \
	  --ignore tests/test_walkthroughs.py

verify: $(READY)  ## make some committed records again, others each day, and compare; MINUTES=60 for more
	@$(BIN)/fourmasks verify --budget $(MINUTES)

notebooks: $(READY)  ## execute the committed notebooks in place; NAMES="mmf/reconstruction" for some
	@$(BIN)/python -m fourmasks.book.site refresh $(NAMES)

bench: $(READY)  ## run every script in benchmarks/, and keep what they measure
	@$(BIN)/python benchmarks

clean:  ## delete the environment, the site and caches; runs/ stays
	@rm -rf .venv _build .pytest_cache .ruff_cache .hypothesis
	@find src tests -name __pycache__ -prune -exec rm -rf {} +
