"""What each command of `fourmasks` does.

A module for each subject; `fourmasks.book.cli` has the parser. Modules import what a command needs within it,
so that none waits for the libraries of another.
"""
