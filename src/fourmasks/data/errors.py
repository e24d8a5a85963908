"""What data functions raise when a file is missing."""


class DataNotFound(FileNotFoundError):
    """A dataset is neither on this machine nor to be had; the message is one line that says what to do."""
