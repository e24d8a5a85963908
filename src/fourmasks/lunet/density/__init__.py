"""How good a generative model LU layers are: flows fitted to toy points and to embeddings.

Open `plan` first, which says what runs. `run` is one fit, of a flow or of one of the `baselines`, with the
`checks` of its density; `tables` reads the records.
"""
