"""Reports: what leaves the house as a file, for people and for other programs.

May import every room before it (core to proof). `export.export` takes contacts and journeys out in a standard
format, `spreadsheet.write_table` writes any Arrow table as CSV, XLSX or Parquet.
"""
