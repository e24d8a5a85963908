"""The site, the notebooks and the command `fourmasks`: how pages are run, refreshed and staged.

Open `cli` first for the command, `site` for `make book`; `house` draws the map of these rooms.
"""
