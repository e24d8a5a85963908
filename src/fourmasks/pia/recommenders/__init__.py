"""The recommender experiment (Tables 1, 3 and 5). Open `plan` first: it says what runs.

`run` is one run, of a baseline too; `tables`, `uplifts` and `figures` show the records.
"""
