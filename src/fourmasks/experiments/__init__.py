<<<<<<< HEAD
"""What an experiment consists of: options, profiles, a plan of runs, a search for settings.

Open `plan` first: it has an example, and carries plans out.
=======
"""What every experiment needs to run: options and profiles, plans of runs, and settings drawn for a search.

Open `plan` first: it shows an experiment whole.
>>>>>>> core
"""
