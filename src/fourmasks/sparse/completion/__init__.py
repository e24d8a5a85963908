"""Algorithm 1, as printed and fast, and what errors do to it; rank-one matrices completed (Figure 2).

Open `literal` first to read it, `fast` to use it.
"""
