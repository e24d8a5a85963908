"""Experiment: what each open choice matters, one changed at a time (Section 4).

Open `plan` first; a run is the `run` of the ratings.
"""
