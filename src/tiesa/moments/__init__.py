"""Moments of truth: situations shown to change what customers feel and do, found in the journeys and tested.

Data goes one way through the room: `people` (who can leave, from when until when) and `timeline` (their contacts, row
by row) -> `atoms` and `situations` (what a contact can be in, generated from the data) -> `episodes` (when it came
true, and the days that follow) -> `hazard` (how often customers leave, whatever else is the case) -> `search` on one
half of the customers -> `confirm` on the other half -> `landmark` (a second opinion) -> `register` (what is shown).
May import everything up to `voice`.
"""
