"""A home is looked after here: checked, backed up and restored, upgraded, swept; versions are pinned, people erased.

Functions over a whole home, that the commands of the same names call. May import everything below journeys, journeys
included. Whoever changes files here takes turns with the others (see turns.py) and can be killed at any moment: the
same command, given again, completes what is missing.
"""
