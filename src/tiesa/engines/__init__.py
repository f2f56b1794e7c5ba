"""The few verbs the rest of the house needs of a query engine and of the table store.

`duckdb` is the embedded engine (sort, join, copy over Parquet); `store` keeps Delta tables and switches a whole
set of files in one commit. May import `core` only.
"""
