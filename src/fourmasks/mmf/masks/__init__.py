"""Experiment: families and numbers of masks, and their cost (Figures 4 and 5, Table 6).

Open `plan` first for the ablations, which rest on the `run` of the reconstruction, and `timing` for the
cost.
"""
