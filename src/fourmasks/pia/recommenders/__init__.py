"""The recommender experiment (Tables 1, 3 and 5).

`plan` says what runs; `run` and `run_baselines` are one run each; `tables`, `uplifts` and `figures` show the
records.
"""
