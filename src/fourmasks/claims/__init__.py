"""What the papers report, what our records say of it, and the verdict.

Open `ledger` first: it joins `files` (the claims), `measurements` (the records) and `verdicts` (the rule).
`verify` makes records again and says which verdicts that would change.
"""
