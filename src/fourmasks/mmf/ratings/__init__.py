"""The rating experiment (Section 5.3, Tables 2, 4 and 7).

`plan` says what runs; `run` is one run; `tables` and `figures` show the records.
`luck` is about splits, `scaling` about time.
"""
