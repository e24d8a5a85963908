"""Experiment: lists of items by all models, for users held out and for items held out.

Open `plan` first; `run` is one run, `data` divides, `measures` says how good and how varied lists are.
"""
