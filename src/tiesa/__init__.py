"""Tiesa: customer journeys and moments of truth from the records an organisation already has.

This file holds the public names of the library and nothing else; importing it must stay cheap.
"""

__version__ = "0.1.0"
