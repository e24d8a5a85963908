"""The paper's conditions for identifiability, each as a function that decides it with a witness.

Open the module whose first line names the theorem: `necessary` has 4.13, `closure` 4.26.
"""
