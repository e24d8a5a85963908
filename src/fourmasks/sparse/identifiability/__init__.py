"""Theorems, printed statements and Corollary 5.12 on random instances.

`plan`, `statements` and `corollary` say what runs; `run`, `run_statements` and `run_corollary` are one series
of trials each; `tables` shows the records.
"""
