"""The machine: where files are, which device computes, progress on the terminal.

The modules are small; each says in its name what it is about.
"""
