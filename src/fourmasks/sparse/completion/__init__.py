"""Algorithm 1, as printed and fast, what errors do to it, and drawings of its steps (Figures 1 to 4).

Open `literal` first to read it, `fast` to use it.
"""
