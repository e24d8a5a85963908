"""Experiment: the paper's statements on random instances, where all is known (Sections 2 and 3).

Open `plan` first; `run` leads to the three modules of trials, and `checks` says how a trial counts.
"""
