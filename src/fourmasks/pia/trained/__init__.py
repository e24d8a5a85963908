"""Trained networks opened up: Figures 1 and 2, drift, and the theorems on them.

`plan` says what runs; `run_latent` and `run_theory` look at one network each; `tables`, `theory_tables` and
`figures` show the records.
"""
