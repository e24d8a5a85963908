"""Experiment: the gap between Theorems 4.13 and 4.26, which the paper leaves open (Section 6).

Open `plan` first; `run` sorts random supports, or all of a size.
"""
