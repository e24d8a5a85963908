"""The theorems on random instances, where all is known.

`plan` says what runs; `run` is one series of trials; `tables` and `figures` show the records. `worked`
computes examples on the spot.
"""
