"""Experiment: butterfly factorizations of fast transforms (Sections 1, 5.1 and 6).

Open `plan` first; `run` is one series of trials, `butterfly` the factorization, and `peers` are other
libraries.
"""
