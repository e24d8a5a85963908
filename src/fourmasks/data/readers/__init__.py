"""One module for each source of data: it reads the source's files, or draws its numbers.

Open the one with the source's name; `archives` and `text` are what they share.
"""
