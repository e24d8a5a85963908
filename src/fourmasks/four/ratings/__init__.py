"""Experiment: prediction of ratings by all models, with one protocol.

Open `plan` first; `run` is one run.
"""
