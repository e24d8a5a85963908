"""Butterfly factorizations of fast transforms (Sections 1, 5.1 and 6).

`plan` says what runs; `run` is one series of trials; `tables` and `figures` show the records. `peers` are
other libraries.
"""
