"""Experiment: what the alignment adds to an epoch (Section D.2, Table 6).

Open `plan` first; `run` is one timing, `costs` reckons what the paper's large data would take.
"""
