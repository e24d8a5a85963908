"""Four Masks: an executable companion to four papers on matrix factorization."""

__version__ = "0.1.0"
