"""What every experiment needs to run: options and profiles, plans of runs, and settings drawn for a search.

Open `plan` first: it shows an experiment whole.
"""
