"""The site and its notebooks: how they are run, refreshed and staged, and the command `fourmasks`."""
