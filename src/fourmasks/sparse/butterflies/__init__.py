"""Butterfly factorizations of fast transforms (Sections 1, 5.1 and 6).

Open `butterfly` first: supports, and the factors found by Algorithm 1. `plan` says what runs; `run` makes one
run of each kind; `tables` and `figures` show the records; `baselines` are other libraries.
"""
