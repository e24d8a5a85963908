"""The paper's conditions for identifiability, each as a function that decides it."""
