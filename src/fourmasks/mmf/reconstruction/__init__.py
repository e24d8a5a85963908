"""Experiment: matrix reconstruction (Section 5.2, Figures 2 and 3, Tables 1 and 3).

Open `plan` first; `run` is one run, with which the rooms on masks and on theory make theirs, too.
"""
