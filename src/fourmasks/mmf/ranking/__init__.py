"""Experiment: ranked lists (Section 5.4, Table 5). Open `plan` first; `run` is one run."""
