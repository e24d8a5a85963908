"""Experiment: butterfly factorizations of fast transforms (Sections 1, 5.1 and 6).

Open `plan` first; `run` is one run of each kind, `butterfly` has the supports and the factorization, and
`baselines` are other libraries.
"""
