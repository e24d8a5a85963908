"""Models of none of the four papers: an extension of what two of them taught, and a library's."""
