"""Experiment: how good a generative model LU layers are, on toy points and on embeddings.

Open `plan` first; `run` is one fit, `checks` asks whether it is a density.
"""
