"""All six questions asked of one view, in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from importlib import import_module

from tiesa.core.errors import WrongUsage
from tiesa.core.home import Home
from tiesa.core.locale import _
from tiesa.core.scope import EVERYTHING, Scope
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.result import Result
from tiesa.journeys.selection import ALL, Selection
from tiesa.journeys.view import View, open_view

NUMBERS = {1: "waits", 2: "fewer", 3: "again", 4: "silence", 5: "visibility", 6: "goals"}
"""The questions by number, and the module (and function) that answers each."""


def asker(number: int) -> Callable[..., Result]:
    """The function that answers a question. Raises: WrongUsage for a number that is none of the six."""
    if number not in NUMBERS:
        raise WrongUsage(_("There is no question {number}").format(number=number), remedy=_("They are numbered 1 to 6"))
    found: Callable[..., Result] = getattr(
        import_module(f"tiesa.journeys.questions.{NUMBERS[number]}"), NUMBERS[number]
    )
    return found


def ask(view: View, numbers: Sequence[int] = tuple(NUMBERS), *, holds: Held | None = None) -> Iterator[Result]:
    """The answers to the questions of these numbers, one after the other."""
    asked = [asker(number) for number in numbers]
    holds = holds or held(view)
    for answer in asked:
        yield answer(view, holds=holds)


def questions(
    home: Home,
    selection: Selection = ALL,
    *,
    scope: Scope = EVERYTHING,
    as_of: datetime | None = None,
    version: int | None = None,
) -> tuple[Result, ...]:
    """The six questions answered from the latest build of a home (or evidence number `version`).

    Args: as_of: "now"; else the log's last contact.
    Raises: EmptyHome before the first build.

    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> import tiesa
    >>> with TemporaryDirectory() as folder:
    ...     home = Home(Path(folder))
    ...     _imported, _built = tiesa.import_file("examples/support.csv", home), tiesa.build(home)
    ...     print(questions(home)[0].answer())
    Customers wait 40 h for us (27–56 h, n 132). The standard reply time is kept in 46 % (38–54 %, 65 of 141).
    """
    with open_view(home, selection, scope=scope, as_of=as_of, version=version) as view:
        return tuple(ask(view))
