"""The ranking experiment (Section 5.4, Table 5).

`plan` says what runs; `run` is one run; `tables` and `figures` show the records.
"""
