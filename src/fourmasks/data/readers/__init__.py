"""A module for each source of data: it reads the source's files, or draws its numbers."""
