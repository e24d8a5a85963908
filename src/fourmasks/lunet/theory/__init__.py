"""Experiment: the statements of Section 2, tried on random instances.

Open `plan` first; `run` has one series of trials for each statement.
"""
