# The environment, built in; `make book` then needs no network.
#   docker build --tag four-masks .
#   docker run --interactive --tty --network none four-masks make book
FROM python:3.11-slim-bookworm
RUN apt-get update \
 && apt-get install --yes --no-install-recommends chromium chromium-driver git make \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --create-home reader \
 && install --directory --owner reader --group reader /home/reader/four-masks
USER reader
WORKDIR /home/reader/four-masks
# What `make environment` reads comes first, so that another text of the book does not install everything anew.
COPY --chown=reader:reader Makefile requirements.txt pyproject.toml README.md LICENSE ./
COPY --chown=reader:reader src/fourmasks/__init__.py src/fourmasks/
RUN make environment
COPY --chown=reader:reader . .
# The environment may come from the cache, and be older than files that have just been copied.
RUN touch .venv/ready
CMD ["make"]
