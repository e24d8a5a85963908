"""Experiment: how the time of a training grows with users, items and interactions.

Open `plan` first; `run` times one training, `data` draws what it is timed on.
"""
