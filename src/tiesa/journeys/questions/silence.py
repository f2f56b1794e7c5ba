"""Question 4: they wrote to us, and why was there no reaction?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.result import Result
from tiesa.journeys.questions.silence_figures import causes_table, insistence, places_table, resting_table
from tiesa.journeys.questions.unanswered import MESSAGES, Cause, State, find, ledger
from tiesa.journeys.view import View

ENOUGH = 20
"""Messages that a channel, unit or reason needs before it is named in a sentence."""
TOLERATED = 0.05
"""The share of messages without a reply above which a manager should look first."""


@dataclass(frozen=True)
class SilenceReport(Result):
    """Messages that nobody answered: how many, where they rest, why; and those answered only after insisting.

    unanswered: of the messages whose reply was due (State.OPEN and GIVEN_UP, of these, the answered and the settled).
    insisted: answered only after the customer had asked again, of the answered. times_asked: median among these.
    still_open, given_up, not_due, settled: messages without an answer, by State. oldest_s: age of the oldest open one.
    causes: per Cause: n, share, low, high, cause_is. places: per dimension (channel, unit, reason) and its value:
    unanswered, n, share, low, high, open. resting: per unit and employee where open ones rest: n, oldest_s.
    ledger: open messages first, oldest first, reminders folded into the first message (`asked`); waited_s and
    waited_business_s until now or until the journey was given up, overdue_s in business time. Customer, case and
    employee are null where the scope does not show names. lacking: what the log would need to show more causes. spoken:
    False where no contact says who turned to whom. knows: False where the log cannot tell silence.
    """

    number: ClassVar[int] = 4
    name: ClassVar[str] = "silence"
    drawn: ClassVar[tuple[str, ...]] = ("causes_of_silence", "cause_is")
    unanswered: Share
    insisted: Share
    times_asked: int | None
    still_open: int
    given_up: int
    not_due: int
    settled: int
    oldest_s: float | None
    causes: pa.Table
    places: pa.Table
    resting: pa.Table
    ledger: pa.Table
    lacking: tuple[str, ...]
    spoken: bool
    knows: bool
    knows_names: bool
    as_of: datetime

    def question(self) -> str:
        return _("They wrote: why no reaction?")

    @property
    def can_be_judged(self) -> bool:
        return self.knows and self.unanswered.n > 0

    @property
    def needs_attention(self) -> bool:
        return self.unanswered.n > 0 and self.unanswered.interval.low > TOLERATED

    @property
    def main_cause(self) -> dict[str, Any] | None:
        """The commonest cause that says something."""
        told = [r for r in self.causes.to_pylist() if r["cause"] not in (Cause.NOT_KNOWN, Cause.REMINDER)]
        return told[0] if told else None

    @property
    def worst_place(self) -> dict[str, Any] | None:
        """The channel or unit whose share without a reply is surely above that of all messages."""
        whole = self.unanswered.value or 0.0
        above = [r for r in self.places.to_pylist() if r["n"] >= ENOUGH and (r["low"] or 0) > whole]
        return max(above, key=lambda r: r["low"], default=None)

    def answer(self) -> str:
        if not self.spoken:
            return _("Cannot be judged: the data do not say who wrote to whom.")
        if not self.knows:
            return _("Cannot be judged: the log holds no reply of yours to any message, so silence proves nothing.")
        if not self.unanswered.n:
            return _("No message whose reply was due is known in these journeys.")
        sentences = [
            _("Of the messages whose reply was due, {share} got none.").format(
                share=formats.whole_share(self.unanswered)
            )
        ]
        if self.still_open:
            sentences.append(
                ngettext(
                    "{n} of them is still open, for {oldest} now.",
                    "{n} of them are still open, the oldest for {oldest} now.",
                    self.still_open,
                ).format(n=formats.number(self.still_open), oldest=formats.length(self.oldest_s))
            )
        return " ".join(sentences)

    def findings(self) -> tuple[str, ...]:
        if not self.can_be_judged:
            return ()
        found = []
        if cause := self.main_cause:
            found.append(
                _("The commonest cause the data show is “{cause}”: {share}; {rule}.").format(
                    cause=Cause(cause["cause"]).in_words(),
                    share=formats.whole_share(share(cause["n"], self.unanswered.count)),
                    rule=Cause(cause["cause"]).rule(),
                )
            )
        if place := self.worst_place:
            found.append(
                _("Most silent is {where} “{name}”: {share} got no reply.").format(
                    where=dimension_in_words(place["dimension"]),
                    name=place["value"],
                    share=formats.whole_share(share(place["unanswered"], place["n"])),
                )
            )
        if self.insisted.count:
            found.append(
                _("{share} of the answered messages got their reply only after the customer asked again, "
                  "typically {times} times in all.").format(
                    share=formats.whole_share(self.insisted), times=formats.number(self.times_asked)
                )
            )  # fmt: skip
        elif self.insisted.n:
            found.append(
                _("No answered message needed a second asking (n {n}).").format(n=formats.number(self.insisted.n))
            )
        found += [sentence for sentence in (self._given_up(), self._not_due(), self._settled()) if sentence]
        return tuple(found)

    def _given_up(self) -> str:
        return (self.given_up and ngettext(
            "{n} message without a reply stands in a journey that was given up in the meantime.",
            "{n} messages without a reply stand in journeys that were given up in the meantime.",
            self.given_up,
        ).format(n=formats.number(self.given_up))) or ""  # fmt: skip

    def _not_due(self) -> str:
        return (self.not_due and ngettext(
            "{n} message waits within the standard reply time; it does not count.",
            "{n} messages wait within the standard reply time; they do not count.",
            self.not_due,
        ).format(n=formats.number(self.not_due))) or ""  # fmt: skip

    def _settled(self) -> str:
        return (self.settled and ngettext(
            "{n} message was settled without a reply; it does not count as silence.",
            "{n} messages were settled without a reply; they do not count as silence.",
            self.settled,
        ).format(n=formats.number(self.settled))) or ""  # fmt: skip

    def missing(self) -> str:
        if not self.knows:
            return _("direction (who wrote to whom) and your own replies")
        if self.lacking and self.unanswered.count:
            return _("for the causes: {columns}").format(columns=", ".join(self.lacking))
        return ""

    def tables(self) -> tuple[ShownTable, ...]:
        return tuple(t for t in (self._ledger(), self._causes(), *self._places(), self._resting()) if len(t))

    def _ledger(self) -> ShownTable:
        words = {State.OPEN: _("open"), State.GIVEN_UP: _("given up")}
        data = self.ledger.append_column(
            "state_is", pa.array([words.get(s) for s in self.ledger["state"].to_pylist()], pa.string())
        ).append_column("cause_is", causes_in_words(self.ledger["cause"]))
        people = (Shown("customer", _("customer")), Shown("case_id", _("case"))) if self.knows_names else ()
        holder = (Shown("employee", _("rests with")),) if self.knows_names else ()
        return ShownTable(
            "unanswered_messages",
            _("Messages without a reply"),
            data,
            (
                Shown("waited_s", _("waited"), Kind.SECONDS),
                Shown("waited_business_s", _("in business time"), Kind.SECONDS),
                Shown("overdue_s", _("past the standard, business time"), Kind.SECONDS),
                Shown("since", _("since (UTC)"), Kind.INSTANT),
                *people,
                Shown("channel", _("channel")),
                Shown("touchpoint", _("touchpoint")),
                Shown("unit", _("rests in")),
                *holder,
                Shown("asked", _("times asked"), Kind.COUNT),
                Shown("state_is", _("state")),
                Shown("cause_is", _("cause")),
            ),
            note=_("Open ones first, then the oldest; a reminder stands with the first message."),
        )

    def _causes(self) -> ShownTable:
        data = self.causes.append_column("cause_is", causes_in_words(self.causes["cause"])).append_column(
            "rule", pa.array([Cause(c).rule() for c in self.causes["cause"].to_pylist()], pa.string())
        )
        return ShownTable(
            "causes_of_silence",
            _("Why no reply, as far as the data show it"),
            data,
            (
                Shown("cause_is", _("cause")),
                Shown("share", _("of messages without a reply"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                Shown("rule", _("when")),
            ),
            note=_("Each message counts once, at the first cause that applies in the order of the explanation."),
        )

    def _places(self) -> list[ShownTable]:
        titles = {
            "channel": _("Without a reply, by channel"),
            "unit": _("Without a reply, by the unit of the message"),
            "reason": _("Without a reply, by reason"),
        }
        columns = (
            Shown("share", _("without a reply"), Kind.SHARE, "low", "high"),
            Shown("n", _("n"), Kind.COUNT),
            Shown("open", _("of these open now"), Kind.COUNT),
        )
        return [
            ShownTable(
                f"unanswered_by_{dimension}",
                title,
                self.places.filter(pc.field("dimension") == dimension),
                (Shown("value", dimension_in_words(dimension)), *columns),
            )
            for dimension, title in titles.items()
        ]

    def _resting(self) -> ShownTable:
        holder = (Shown("employee", _("employee")),) if self.knows_names else ()
        return ShownTable(
            "where_they_rest",
            _("Where the open ones rest"),
            self.resting,
            (
                Shown("unit", _("unit")),
                *holder,
                Shown("n", _("n"), Kind.COUNT),
                Shown("oldest_s", _("oldest"), Kind.SECONDS),
            ),
        )

    def explain(self) -> str:
        rules = "; ".join(f"{cause.in_words()}: {cause.rule()}" for cause in Cause)
        return _(
            "A message is an inbound contact on a channel where the answer comes later; its answer is the next contact "
            "of ours or conversation in its journey, or one that names it. A message without one counts as silence "
            "once it is past the standard reply time of its channel in business time, until now ({now}) or until its "
            "journey was given up; it does not count where the goal was reached since or the source says that it is "
            "the customer's turn. Shares have 95 % Wilson intervals, which take messages as independent. Causes, the "
            "first that applies: {rules}. It rests where its journey's last known unit and employee are. A cause is "
            "what the data show beside the silence, not a proof of why; a reply outside the log is not known, and "
            "an answer counts whether it solved anything or not."
        ).format(now=formats.moment(self.as_of), rules=rules)


def causes_in_words(causes: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Causes as people call them."""
    return pa.array([None if c is None else Cause(c).in_words() for c in causes.to_pylist()], pa.string())


def dimension_in_words(dimension: str) -> str:
    return {"channel": _("channel"), "unit": _("unit"), "reason": _("reason")}[dimension]


def silence(view: View, *, top: int = 100, holds: Held | None = None) -> SilenceReport:
    """Question 4 asked of a view. top: rows of the ledger. holds: `held(view)` where it is at hand."""
    holds = holds or held(view)
    knows = holds.knows_messages
    find(view, holds)
    answered, again, times = insistence(view, knows=knows)
    states = dict(view.rows(f"select state, count(*) from {MESSAGES} group by 1"))
    silent = states.get(State.OPEN, 0) + states.get(State.GIVEN_UP, 0)
    settled = states.get(State.SETTLED, 0)
    oldest = view.one(f"select max(waited_s) from {MESSAGES} where state = '{State.OPEN}'")[0]
    return SilenceReport(
        unanswered=share(silent, answered + settled + silent),
        insisted=share(again, answered),
        times_asked=times,
        still_open=states.get(State.OPEN, 0),
        given_up=states.get(State.GIVEN_UP, 0),
        not_due=states.get(State.NOT_DUE, 0),
        settled=settled,
        oldest_s=oldest,
        causes=causes_table(view, silent),
        places=places_table(view),
        resting=resting_table(view),
        ledger=ledger(view, top if knows else 0),
        lacking=tuple(_lacking(holds)),
        spoken=bool(holds.spoken),
        knows=knows,
        knows_names=view.scope.names,
        as_of=view.now,
    )


def _lacking(holds: Held) -> list[str]:
    """The columns and tables without which some causes cannot be seen."""
    names = [c for c in ("employee", "unit", "reason") if not holds[c]]
    return names if "absence" in holds.tables else [*names, "absence"]
