"""Contacts come in here: read -> map -> check -> keep.

`readers` turn any file into text columns; a `mapping` says which of them become ours; `expressions` and `staging`
run it with its checks in one pass; `log` keeps the rows. May import `core` and `engines`.
"""
