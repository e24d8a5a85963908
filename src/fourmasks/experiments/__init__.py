"""What an experiment consists of: options, profiles, a plan of runs, a search for settings.

Open `plan` first: it has an example, and carries plans out.
"""
