"""What inverse and determinant cost (Section 1).

`plan` says what runs; `run` times and `run_rounding` traces errors; `tables` and `figures` show the records
beside what `counts` expects.
"""
