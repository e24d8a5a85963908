"""Theorems 1 and 2 as code, and experiments on them, on spectra and on stability (Figures 6 and 7).

Open `expressivity` and `identifiability` first for the theorems, `plan`, `spectra` and `stability` for the
experiments.
"""
