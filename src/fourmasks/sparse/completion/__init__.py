"""Algorithm 1, as printed and fast; what errors do to it; and drawings of its steps."""
