"""The four papers side by side: which of their models is worth its price, on what kind of data?

It stands above the papers' slices and uses their models, never their experiments.
"""
