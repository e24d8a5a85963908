"""How good a generative model LU layers are: flows fitted to toy points and to embeddings.

`plan` says what runs; `run` is one fit, with the `checks` of its density; `tables` and `figures` show the
records.
"""
