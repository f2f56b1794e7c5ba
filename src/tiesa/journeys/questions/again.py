"""Question 3: why must customers turn to us again about the same question?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.intervals import Share, share, wilson_interval
from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.avoidable import repeat_days
from tiesa.journeys.questions.chains import Cause, cause_name, cause_text, chains
from tiesa.journeys.questions.repeat_figures import (
    again_by_place,
    asked_by_place,
    by_cause,
    by_length,
    soon_again,
)
from tiesa.journeys.questions.result import Result
from tiesa.journeys.view import View

ENOUGH = 20
"""Questions that a place needs before it is named in a sentence."""


@dataclass(frozen=True)
class AgainReport(Result):
    """How often the same question is asked again, what stood before it, what it takes, and where it comes from.

    repeats: contacts that repeat a question, of all with a known reason. again: questions asked again within the window
    of `days`, of those whose window has passed (first-contact resolution is the rest). soon: chains whose first repeat
    came within ten minutes. causes: one row per cause, in the order of its definition: cause, n chains,
    share, low, high, median_s until the first repeat with low_s and high_s, repeats (all contacts of these chains that
    repeat), hours and cost of them, known for timed and costed, touchpoint, channel, unit most often right before the
    first repeat. lengths: chains by number of repeats. places: per dimension (reason, touchpoint, channel, unit) and
    value, where a question was first asked: n, again, share, low, high.
    """

    number: ClassVar[int] = 3
    name: ClassVar[str] = "again"
    drawn: ClassVar[tuple[str, ...]] = ("causes_of_repeats", "why")
    repeats: Share
    again: Share
    soon: Share
    causes: pa.Table
    lengths: pa.Table
    places: pa.Table
    days: int
    knows_reasons: bool
    knows_messages: bool
    inbound: int
    as_of: datetime
    currency: str

    def question(self) -> str:
        return _("Why must they ask again?")

    @property
    def can_be_judged(self) -> bool:
        return bool(self.repeats.n)

    @property
    def needs_attention(self) -> bool:
        return bool(self.repeats.n) and self.repeats.interval.low > 0.1

    @property
    def first_cause(self) -> dict[str, Any] | None:
        """The most frequent cause that is known."""
        known = self.causes.filter((pc.field("cause") != Cause.UNKNOWN) & (pc.field("n") > 0))
        first: list[dict[str, Any]] = known.sort_by([("n", "descending")]).slice(0, 1).to_pylist()
        return first[0] if first else None

    @property
    def chains(self) -> int:
        """Questions that were repeated at least once."""
        return int(pc.sum(self.causes["n"]).as_py() or 0)

    @property
    def solved_at_once(self) -> Share:
        """First-contact resolution: no contact about the same question within the window."""
        return share(self.again.n - self.again.count, self.again.n)

    def answer(self) -> str:
        if not self.repeats.n:
            return self._why_not()
        if not self.repeats.count:
            return _("Nobody came back with the same question within {days} days (n {n}).").format(
                days=self.days, n=formats.number(self.repeats.n)
            )
        sentences = [
            _("{share} of contacts with a known reason ask the same question again within {days} days.").format(
                share=formats.whole_share(self.repeats), days=self.days
            )
        ]
        cause = self.first_cause
        if self.chains >= ENOUGH:
            sentences.append(
                _("First cause: {cause}, {share}.").format(
                    cause=cause_name(cause["cause"]), share=formats.whole_share(share(cause["n"], self.chains))
                )
                if cause
                else _("What stood before cannot be told from these data.")
            )
        return " ".join(sentences)

    def _why_not(self) -> str:
        if not self.inbound:
            return _("Cannot be judged: no contact in the data is known to come from a customer.")
        if not self.knows_reasons:
            return _("Cannot be judged: the data do not say with which question customers came.")
        return _("Cannot be judged: no contact of these journeys has a known reason.")

    def findings(self) -> tuple[str, ...]:
        found = [self._at_once(), self._effort(), self._place(), self._soon()]
        return tuple(filter(None, found))

    def _at_once(self) -> str:
        if self.again.n:
            return _("Solved at the first contact, without another about the same question: {share}.").format(
                share=formats.whole_share(self.solved_at_once)
            )
        if self.repeats.n:
            return _(
                "How many are solved at the first contact cannot be judged yet: no question is {days} days old."
            ).format(days=self.days)
        return ""

    def _effort(self) -> str:
        sums = {c: pc.sum(self.causes[c]).as_py() for c in ("repeats", "timed", "hours", "costed", "cost")}
        parts = []
        if sums["timed"]:
            known = formats.share(sums["timed"] / sums["repeats"])
            hours = formats.number(sums["hours"], digits=1)
            parts.append(_("{hours} hours of work (length known of {known})").format(hours=hours, known=known))
        if sums["costed"]:
            known = formats.share(sums["costed"] / sums["repeats"])
            cost = formats.money(sums["cost"], self.currency)
            parts.append(_("{cost} (cost known of {known})").format(cost=cost, known=known))
        if not parts:
            return ""
        return _("These {n} repeats took {what}.").format(n=formats.number(sums["repeats"]), what=", ".join(parts))

    def _place(self) -> str:
        """Where most come back from, if beyond chance for so many places looked at (Bonferroni)."""
        if not self.again.n:
            return ""
        named = [r for r in self.places.to_pylist() if r["n"] >= ENOUGH]
        level = 1 - 0.05 / max(len(named), 1)
        sure = {id(r): wilson_interval(r["again"], r["n"], level=level).low for r in named}
        worse = [r for r in named if sure[id(r)] > self.again.interval.high]
        if not worse:
            return ""
        row = max(worse, key=lambda r: (r["low"], r["n"]))
        return _("Most come back from {dimension} “{value}”: {share}.").format(
            dimension=_dimension(row["dimension"]),
            value=row["value"],
            share=formats.whole_share(share(row["again"], row["n"])),
        )

    def _soon(self) -> str:
        if self.soon.n < ENOUGH or self.soon.interval.low < 0.05:
            return ""
        return _("{share} of first repeats came within 10 minutes: probably one message in several parts.").format(
            share=formats.whole_share(self.soon)
        )

    def missing(self) -> str:
        lacking = []
        if not self.inbound:
            lacking.append(_("direction (who wrote to whom)"))
        if not self.knows_reasons:
            lacking.append(_("reason (what the customer asked)"))
        elif not self.knows_messages and self.repeats.count:
            lacking.append(_("your own replies (outbound contacts)"))
        return "; ".join(lacking)

    def tables(self) -> tuple[ShownTable, ...]:
        if not self.chains:
            return (self._places(),) if self.places.num_rows else ()
        found = self.causes["cause"].to_pylist()
        said = self.causes.append_column("why", pa.array(map(cause_name, found), pa.string()))
        said = said.append_column("definition", pa.array(map(cause_text, found), pa.string()))
        known = [c for c in ("hours", "cost") if self.causes[c].null_count < self.causes.num_rows]
        took = {
            "hours": (
                Shown("hours", _("hours of work"), Kind.NUMBER),
                Shown("timed_share", _("length known"), Kind.SHARE),
            ),
            "cost": (Shown("cost", _("cost"), Kind.MONEY), Shown("costed_share", _("cost known"), Kind.SHARE)),
        }
        causes = ShownTable(
            "causes_of_repeats",
            _("What stood before they asked again"),
            said.filter(pc.field("n") > 0).sort_by([("n", "descending")]),
            (
                Shown("why", _("cause")),
                Shown("share", _("of repeated questions"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                Shown("median_s", _("median until the repeat"), Kind.SECONDS, "low_s", "high_s"),
                Shown("repeats", _("repeats in all"), Kind.COUNT),
                *(shown for c in known for shown in took[c]),
                Shown("touchpoint", _("mostly after")),
                Shown("channel", _("channel")),
                Shown("unit", _("of unit")),
                Shown("definition", _("what counts")),
            ),
            note=_("Each question counts once, by the first cause that applies: {order}.").format(
                order=", ".join(map(cause_name, Cause))
            ),
            currency=self.currency,
        )
        lengths = ShownTable(
            "lengths_of_chains",
            _("How often a repeated question was repeated"),
            self.lengths,
            (
                Shown("repeats", _("repeats"), Kind.COUNT),
                Shown("share", _("of repeated questions"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
        )
        return tuple(t for t in (causes, self._places(), lengths) if len(t))

    def _places(self) -> ShownTable:
        words = [_dimension(d) for d in self.places["dimension"].to_pylist()]
        return ShownTable(
            "asked_again_by_place",
            _("Where questions were first asked, and how many were asked again"),
            self.places.append_column("what", pa.array(words, pa.string())),
            (
                Shown("what", _("by")),
                Shown("value", _("value")),
                Shown("share", _("asked again"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
            note=_("Questions whose {days} days have not passed by {now} are left out.").format(
                days=self.days, now=formats.moment(self.as_of)
            ),
        )

    def explain(self) -> str:
        return _(
            "A contact repeats a question when the same customer asked with the same reason within {days} days "
            "before, in whatever journey, unless we had asked them to come back (that one then counts as a new "
            "question). Repeats in a row are one chain; its cause is what stood between the asking and its first "
            "repeat, by the first definition that applies, so a cause is what came before, not proof of why. Solved "
            "at the first contact means no repeat within {days} days; questions whose {days} days have not passed by "
            "{now} do not count there. Shares have Wilson intervals, medians those of Campbell and Gardner (1988), "
            "both as if contacts were independent. Cost and hours are sums of what is known of the repeats of these "
            "chains. Two matters under one reason look like a repeat; one matter under two reasons does not."
        ).format(days=self.days, now=formats.moment(self.as_of))


def _dimension(name: str) -> str:
    return {
        "reason": _("reason"),
        "touchpoint": _("touchpoint"),
        "channel": _("channel"),
        "unit": _("unit"),
    }[name]


def again(view: View, *, holds: Held | None = None) -> AgainReport:
    """Question 3 asked of a view. holds: `held(view)` where it is at hand."""
    holds = holds or held(view)
    days = repeat_days(view)
    asked = asked_by_place(view, holds, days)
    may_repeat = asked.num_rows and (pc.sum(asked["repeats"]).as_py() or not view.selection.is_everything)
    found = chains(view, holds) if may_repeat else None
    counted = None if found is None else found.filter(pc.field("again_selected"))
    first = None if found is None else found.filter(pc.field("asked_selected") & pc.field("is_linked"))
    ripe_until = int(view.now.timestamp() * 1e6) - days * 86_400_000_000
    if first is not None:
        first = first.filter(pc.field("asked_us") <= ripe_until)
    whole = {c: int(pc.sum(asked[c]).as_py() or 0) for c in ("n", "repeats", "ripe")}
    inbound = view.one("select coalesce(sum(inbound), 0)::bigint from journeys")[0]
    return AgainReport(
        repeats=share(whole["repeats"], whole["n"]),
        again=share(first.num_rows if first is not None else 0, whole["ripe"]),
        soon=soon_again(counted),
        causes=by_cause(counted),
        lengths=by_length(counted),
        places=again_by_place(asked, first),
        days=days,
        knows_reasons=bool(holds["reason"]),
        knows_messages=holds.knows_messages,
        inbound=inbound,
        as_of=view.now,
        currency=view.rules.currency,
    )
