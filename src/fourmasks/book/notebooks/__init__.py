"""The notebooks: their texts and parameters, and how they are executed.

A notebook is named "paper/name". Its text, `notebooks/paper/name.py`, is what is executed; the `.ipynb`
beside it holds the outputs, and only `fourmasks.book.site.refresh` writes there. Open `texts` first.
"""
