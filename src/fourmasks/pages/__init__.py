"""What all pages show alike: figures, tables, names and judgements in words.

Notebooks take `figures` as `page`, which has all that they show: `page.table`, `page.verdicts`, `page.show`.
`names` says how methods are called, `tables` computes what several tables need.
"""
