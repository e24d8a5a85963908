"""The reconstruction experiment (Section 5.2).

`plan` says what runs; `run` is one run; `tables` and `figures` show the records. Other experiments on
synthetic matrices use `sweeps`.
"""
