"""Experiment: leave-one-out rankings, which the paper announces (Section 3.1.2).

Open `plan` first; `run` is one run.
"""
