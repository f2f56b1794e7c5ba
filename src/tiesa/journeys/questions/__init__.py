"""The six questions of a customer journey, each asked of an open `View` and answered with a result object.

A result holds figures (Arrow tables, counts, intervals) and no sentences; it says itself in the running language:
`answer()`, `findings()`, `tables()`, `explain()`.
"""
