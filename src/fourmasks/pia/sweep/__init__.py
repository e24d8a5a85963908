"""Experiment: PIA's weight and how it grows (Section D.1, Figures 3 to 6).

Open `plan` first; a run is the `run` of the recommenders.
"""
