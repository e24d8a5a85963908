"""The sweep over PIA's weight and its growth (Section D.1, Figures 3 to 6).

`plan` says what runs, with the `run` of the recommenders; `tables` and `figures` show the records.
"""
