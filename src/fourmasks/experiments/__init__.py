"""What every experiment needs to run: options and profiles, plans, settings drawn for a search, workers.

Open `plan` first: it shows an experiment whole.
"""
