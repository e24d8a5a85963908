"""Experiment: theorems, printed statements and Corollary 5.12 on random instances.

Open `plan`, `statements` or `corollary` first, and beside it `run`, `run_statements` or `run_corollary`.
"""
