"""The vocabulary of the house: tables and their columns, units, closed word lists, money, time, errors, language;
and how a file is written whole.

Everything else imports from here; this room imports nothing of the house.
"""
