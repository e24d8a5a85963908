"""Theorems 1 and 2 as code, and experiments on them, on spectra and on stability (Sections 4, 5.7, 5.8).

`plan`, `spectra` and `stability` say what runs; `run`, `run_spectra` and `run_stability` are one run each;
`tables` and `figures` show the records.
"""
