"""How a mapping is proposed: names and values of columns are matched with the targets of our tables.

`names` and `values` look at columns, `matching` gives each target its column, `kinds` says what the rows are, `tables`
drafts the mapping. May import `readers`, `mapping` and what stands before `contacts`.
"""
