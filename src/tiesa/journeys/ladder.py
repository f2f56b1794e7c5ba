"""The data ladder: which step a log reaches, and what one more column would add."""

from __future__ import annotations

from dataclasses import dataclass

from tiesa.core.locale import _
from tiesa.core.tables import ANSWER, CUSTOMER, OUTCOME
from tiesa.journeys.held import Held


@dataclass(frozen=True, slots=True)
class Rung:
    """A step: what it asks of the data, what it gives, and the columns that are not there yet."""

    number: int
    needs: str
    gives: str
    lacking: tuple[str, ...]

    @property
    def reached(self) -> bool:
        return not self.lacking


@dataclass(frozen=True)
class Ladder:
    """All steps. `reached` is the highest step up to which every one is reached; single later ones may be too."""

    rungs: tuple[Rung, ...]

    @property
    def reached(self) -> int:
        number = 0
        for rung in self.rungs:
            if not rung.reached:
                break
            number = rung.number
        return number

    @property
    def next(self) -> Rung | None:
        """The first step that is not reached."""
        return next((rung for rung in self.rungs if not rung.reached), None)

    def answer(self) -> str:
        """One sentence: how far the data go."""
        step = _("These data reach step {n} of {all}.").format(n=self.reached, all=len(self.rungs))
        if self.next is None:
            return step
        return (
            step
            + " "
            + _("One more column, {column}, would also tell {gives}.").format(
                column=self.next.lacking[0], gives=self.next.gives
            )
        )


def ladder(holds: Held) -> Ladder:
    """The ladder of a log.

    >>> from tiesa.journeys.held import Held
    >>> Held(contacts=3, filled={}, directions={}, channels=("phone",), tables=frozenset())["employee"]
    0
    """
    replies = _("your own replies (outbound contacts)")
    scores = bool(holds["emotion"]) or ANSWER.name in holds.tables
    asked = (
        (_("who, when, what"), _("journeys, their length, how they go"), ()),
        (
            _("and direction"),
            _("whose wait each gap was, and which messages nobody answered"),
            (
                () if holds.spoken or holds["waits_for"] else (_("direction (who wrote to whom)"),),
                () if holds.knows_replies else (replies,),
            ),
        ),
        (
            _("and employee, channel"),
            _("hand-overs, changes of channel, and what the employee could see"),
            (
                () if holds["employee"] else (_("employee (any code will do)"),),
                () if len(holds.channels) > 1 else (_("channel (phone, e-mail, chat, ...)"),),
            ),
        ),
        (
            _("and scores or sentiment"),
            _("what customers felt on the way"),
            (() if scores else (_("emotion, a sentiment, or a score after the contact"),),),
        ),
        (
            _("and who left, and margin"),
            _("which contacts cost you customers, and how much"),
            (
                () if OUTCOME.name in holds.tables else (_("outcomes: a file of who left and when"),),
                () if CUSTOMER.name in holds.tables else (_("customers with their yearly margin"),),
            ),
        ),
    )
    return Ladder(
        tuple(
            Rung(number, needs, gives, tuple(column for columns in lacking for column in columns))
            for number, (needs, gives, lacking) in enumerate(asked, 1)
        )
    )
