"""The recommender experiment (Tables 1, 3 and 5).

`plan` says what runs; `run` is one run; `tables`, `uplifts` and `figures` show the
records.
"""
