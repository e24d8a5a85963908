"""Experiment: prediction of ratings (Tables 1 and 2, Figures 1 to 6).

Open `plan` first; `run` and `run_dense` are one run each, `diagrams` draws Figures 1 and 2.
"""
