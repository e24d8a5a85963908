"""What all pages show alike: figures and the line below them, tables over splits, judgements in words.

Open `tables` for a table, `figures` for a figure, `words` for the judgement.
"""
