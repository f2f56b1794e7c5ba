"""Pictures: figures in, SVG or an Altair specification out.

The room knows how things look and nothing of how figures are made: every picture is drawn from a frozen dataclass (or
an Arrow table) that the rooms after it fill. It imports `core` only.
"""
