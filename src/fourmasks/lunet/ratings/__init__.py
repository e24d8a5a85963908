"""The rating experiment (Tables 1 and 2, Figures 3 to 6).

`plan` says what runs; `run`, `run_baselines` and `run_dense` are one run each; `tables` and `figures` show
the records.
"""
