"""What all pages show alike: the style of figures, where numbers are from, and tables over splits."""
