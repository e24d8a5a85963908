"""What the papers report, and the ledger that compares our records with it."""
