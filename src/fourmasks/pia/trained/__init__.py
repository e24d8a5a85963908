"""Experiment: trained networks opened up (Figures 1 and 2, drift, and the theorems on them).

Open `plan` first; `run_latent` and `run_theory` look at one network each, `trio` finds Figure 1's users.
"""
