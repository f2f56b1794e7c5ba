"""The same person under several ids: joined by exact rules or a person's word, proposed with evidence, parted again.

The log keeps its numbers; a small table says which of them are one person, and journeys, views and exports read the
log through it. So joining rewrites no contact, un-joining brings back what was, and a build makes anew only those whose
person changed.
"""
