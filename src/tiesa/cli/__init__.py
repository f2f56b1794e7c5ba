"""The command line: one file per noun, thin over the library. Sentences for people, `--json` for programs.

Exit status: 0 done, 1 nothing usable or a failed check, 2 wrong usage. Heavy libraries are imported by the
commands that need them, so that `tiesa --version` answers at once.
"""

from tiesa.cli.starting import start

__all__ = ["start"]
