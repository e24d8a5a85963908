"""The ranking experiment (Section 5.4, Table 5).

`plan` says what runs; `run` and `run_baselines` are one run each; `tables` and `figures` show the records.
"""
