"""The gap between Theorems 4.13 and 4.26, which the paper leaves open (Section 6).

`plan` says what runs; `run` is one series of trials; `tables` and `figures` show the records.
"""
