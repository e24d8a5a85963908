"""The machine: where the project's files are, what device computes, and progress on the terminal."""
