"""Families and numbers of masks, and what an epoch costs (Sections 5.5 and 5.6).

`plan` and `timing` say what runs, with the `run` of the reconstruction; `tables` and `figures` show the
records.
"""
