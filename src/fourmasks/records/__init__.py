"""Records of runs: how they are stored and found again, and which code made them."""
