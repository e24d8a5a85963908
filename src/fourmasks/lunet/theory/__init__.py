"""Experiment: the statements of Section 2, tried on random instances.

Open `run` first: it has a series of trials for each statement.
"""
