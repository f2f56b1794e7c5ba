"""Question 1: must the customer really wait so long between two contacts?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from tiesa.core import formats
from tiesa.core.enums import WaitOwner
from tiesa.core.intervals import Share, share, wilson_interval
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.channels import one_spelling
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.durations import Spans, spans
from tiesa.journeys.questions.reply_times import reply_times
from tiesa.journeys.questions.result import Result
from tiesa.journeys.questions.sides import names_of
from tiesa.journeys.view import View
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

DRAWN = 8
"""Pairs of contacts that the picture shows."""
ENOUGH = 20
"""Waits that a pair of contacts needs before it is named in a sentence."""


@dataclass(frozen=True)
class WaitReport(Result):
    """Whose wait the gaps between contacts were, how long, against which standard, and who waits now.

    owners: one row per wait owner: n, total_s, median_s, low_s, high_s, p90_s, business_median_s, share (of all the
    time between contacts). pairs: the same per (previous_touchpoint, touchpoint, wait_owner), longest total first.
    standards: per channel of the customer's message: standard_s (business seconds), n, kept, kept_share, low, high,
    overdue (still without an answer and past the standard). open_now: journeys that wait for us, longest first
    (customer and case_id are null where the scope does not show names). waiting_now: how many, None where it cannot
    be told.
    """

    number: ClassVar[int] = 1
    name: ClassVar[str] = "waits"
    owners: pa.Table
    pairs: pa.Table
    standards: pa.Table
    open_now: pa.Table
    waiting_now: int | None
    as_of: datetime

    def question(self) -> str:
        return _("Must they wait so long?")

    @property
    def can_be_judged(self) -> bool:
        return self.waiting_now is not None and self.owners.num_rows > 0

    @property
    def ours(self) -> dict[str, Any] | None:
        """The waits that were ours."""
        rows = self.owners.filter(pc.field("wait_owner") == WaitOwner.US).to_pylist()
        return rows[0] if rows and rows[0]["n"] else None

    @property
    def worst_pair(self) -> dict[str, Any] | None:
        """The pair of contacts between which customers spent most time waiting for us."""
        mine = self.pairs.filter((pc.field("wait_owner") == WaitOwner.US) & (pc.field("n") >= ENOUGH))
        row: dict[str, Any] | None = mine.slice(0, 1).to_pylist()[0] if mine.num_rows else None
        return row

    @property
    def kept(self) -> Share:
        """Messages answered within the standard of their channel, of those answered or overdue."""
        return share(int(pc.sum(self.standards["kept"]).as_py() or 0), int(pc.sum(self.standards["n"]).as_py() or 0))

    @property
    def needs_attention(self) -> bool:
        return bool(self.kept.n) and self.kept.interval.high < 0.9

    def answer(self) -> str:
        if self.waiting_now is None:
            return _("Cannot be judged: the data do not say whose turn it was.")
        ours = self.ours
        if ours is None:
            return _("No wait for us is known in these journeys.")
        sentences = [
            _("Customers wait {median} for us ({interval}, n {n}).").format(
                median=formats.length(ours["median_s"]), interval=_median_interval(ours), n=formats.number(ours["n"])
            )
        ]
        if self.kept.n:
            sentences.append(
                _("The standard reply time is kept in {share}.").format(share=formats.whole_share(self.kept))
            )
        return " ".join(sentences)

    def findings(self) -> tuple[str, ...]:
        found = []
        if pair := self.worst_pair:
            found.append(
                _(
                    "Most of this time goes by between “{before}” and “{after}”: {median} ({interval}, n {n}), and "
                    "over "
                    "{p90} for one in ten."
                ).format(
                    before=pair["previous_touchpoint"],
                    after=pair["touchpoint"],
                    p90=formats.length(pair["p90_s"]),
                    median=formats.length(pair["median_s"]),
                    interval=_median_interval(pair),
                    n=formats.number(pair["n"]),
                )
            )
        if self.waiting_now:
            longest = formats.length(self.open_now["waited_s"][0].as_py()) if self.open_now.num_rows else "–"
            found.append(
                ngettext(
                    "{n} journey waits for us now, the longest for {longest}.",
                    "{n} journeys wait for us now, the longest for {longest}.",
                    self.waiting_now,
                ).format(n=formats.number(self.waiting_now), longest=longest)
            )
        elif self.waiting_now == 0:
            found.append(_("Nobody waits for us now."))
        return tuple(found)

    def missing(self) -> str:
        if self.waiting_now is None:
            return _("direction (who wrote to whom) and your own replies")
        return ""

    def tables(self) -> tuple[ShownTable, ...]:
        median = Shown("median_s", _("median"), Kind.SECONDS, "low_s", "high_s")
        p90 = Shown("p90_s", _("1 in 10 over"), Kind.SECONDS, extra=True)
        business = Shown("business_median_s", _("business time"), Kind.SECONDS, extra=True)
        n = Shown("n", _("n"), Kind.COUNT)
        who = ShownTable(
            "waits_by_owner",
            _("Whose wait it was"),
            self.owners.append_column("owner", owners_in_words(self.owners["wait_owner"])),
            (Shown("owner", _("whose")), Shown("share", _("of all time"), Kind.SHARE), median, business, p90, n),
        )
        pairs = ShownTable(
            "waits_by_pair",
            _("Between which contacts"),
            self.pairs.append_column("owner", owners_in_words(self.pairs["wait_owner"])),
            (
                Shown("previous_touchpoint", _("from")),
                Shown("touchpoint", _("to")),
                Shown("owner", _("whose")),
                median,
                business,
                p90,
                Shown("total_s", _("in all"), Kind.SECONDS, extra=True),
                n,
            ),
            note=_("Longest in all first."),
        )
        standards = ShownTable(
            "reply_standards",
            _("The standard reply time in business time, kept or not"),
            self.standards,
            (
                Shown("channel", _("channel")),
                Shown("standard_s", _("standard"), Kind.SECONDS),
                Shown("kept_share", _("kept"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                Shown("overdue", _("overdue now"), Kind.COUNT),
            ),
        )
        is_cut = (self.waiting_now or 0) > self.open_now.num_rows
        waiting = ShownTable(
            "waiting_now",
            _("Who waits for us now"),
            self.open_now,
            (
                Shown("waited_s", _("waited"), Kind.SECONDS),
                Shown("since", _("since (UTC)"), Kind.INSTANT),
                Shown("customer", _("customer")),
                Shown("case_id", _("case")),
                Shown("touchpoint", _("last touchpoint")),
            ),
            note=_("The longest of {n}.").format(n=formats.number(self.waiting_now or 0)) if is_cut else "",
        )
        return tuple(t for t in (who, standards, pairs, waiting) if len(t))

    def explain(self) -> str:
        return _(
            "A wait runs from one contact to the next that is not an internal step; it is ours while a message of the "
            "customer is unanswered or a promise is due, the customer's after we spoke last, a third party's where "
            "another organisation has to act. Medians are exact, with 95 % intervals (Campbell and Gardner 1988) that "
            "take waits as independent. The standard is the reply time of the channel in business time; a message that "
            "is past it without an answer counts as not kept, one that is not due yet, or that a reached goal has "
            "settled, does not count; the share has a Wilson interval. Now is {now}. An answer "
            "is the next contact of ours, whether it solved anything or not."
        ).format(now=formats.moment(self.as_of))

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import bars

        mine = self.pairs.filter((pc.field("wait_owner") == WaitOwner.US) & (pc.field("n") >= ENOUGH)).slice(0, DRAWN)
        if not mine.num_rows:
            return None
        rows = [
            {
                "label": f"{row['previous_touchpoint']} → {row['touchpoint']}",
                "value": row["median_s"],
                "low": row["low_s"],
                "high": row["high_s"],
                "n": row["n"],
            }
            for row in mine.to_pylist()
        ]
        return bars(
            pa.Table.from_pylist(rows), unit="seconds", sort=False, theme=theme, width=width,
            title=_("Median waits for us, most time in all first"),
        )  # fmt: skip


def _median_interval(row: dict[str, Any]) -> str:
    if row["low_s"] is None:
        return _("too few for an interval")
    return formats.between(formats.length(row["low_s"]), formats.length(row["high_s"]))


def owners_in_words(owners: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Wait owners as people call them."""
    words = {
        WaitOwner.US: _("ours"),
        WaitOwner.CUSTOMER: _("the customer's"),
        WaitOwner.THIRD_PARTY: _("a third party's"),
        WaitOwner.NOBODY: _("nobody's"),
        WaitOwner.UNKNOWN: _("cannot be told"),
    }
    return pa.array([words.get(owner) for owner in owners.to_pylist()], pa.string())


def waits(view: View, *, top: int = 20, holds: Held | None = None) -> WaitReport:
    """Question 1 asked of a view. top: how many open waits to name. holds: `held(view)` where it is at hand."""
    holds = holds or held(view)
    told = holds.knows_owners
    ended = f"from rows where {'true' if told else 'false'}"
    read = spans(view, f"select {', '.join(_PAIR)}, wait_s as s, wait_business_s as b {ended}", _PAIR, ("s", "b"))
    return WaitReport(
        owners=_with_business(read, ("wait_owner",)),
        pairs=_with_business(read, _PAIR),
        standards=_standards(view, "true" if told and holds.knows_messages else "false"),
        open_now=_open_now(view, top if told else 0),
        waiting_now=view.one("select count(*) from journeys where waiting_for = 'us'")[0] if told else None,
        as_of=view.now,
    )


_PAIR = ("previous_touchpoint", "touchpoint", "wait_owner")


def _with_business(read: Spans, by: tuple[str, ...]) -> pa.Table:
    """Waits per group in calendar time, with the median in business time beside it, and the share of all time."""
    found, business = read.figures(by), read.figures(by, "b")
    medians = dict(zip(_keys(business, by), business["median_s"].to_pylist(), strict=True))
    whole = pc.sum(found["total_s"]).as_py() or 0.0
    shares = [s / whole if whole else None for s in found["total_s"].to_pylist()]
    found = found.append_column("business_median_s", pa.array([medians[key] for key in _keys(found, by)], pa.float64()))
    return found.append_column("share", pa.array(shares, pa.float64()))


def _keys(table: pa.Table, by: tuple[str, ...]) -> list[tuple[Any, ...]]:
    return list(zip(*(table[column].to_pylist() for column in by), strict=True))


def _standards(view: View, where: str) -> pa.Table:
    """Messages per channel against its standard reply time, in business time."""
    messages = reply_times(view, where, ("channel",))
    channels = messages["channel"].combine_chunks().dictionary_encode()
    spent, codes = messages["spent_us"].to_numpy(), channels.indices.to_numpy()
    is_answered = pc.is_valid(messages["answered_us"]).to_numpy()
    is_closed = pc.is_valid(messages["closed_us"]).to_numpy()
    spelled = one_spelling(channels.dictionary.to_pylist())
    code_of = {first: [c for c, name in enumerate(spelled) if spelled[name] == first] for first in spelled.values()}
    rows = [
        _standard(channel, hours, spent[mine], is_answered[mine], is_closed[mine])
        for channel, written in sorted(code_of.items())
        if (hours := view.rules.channel(channel).reply_hours) is not None
        and len(mine := np.flatnonzero(np.isin(codes, written)))
    ]
    schema = pa.schema(
        [("channel", pa.string()), ("standard_s", pa.float64()), ("n", pa.int64()), ("kept", pa.int64())]
        + [(c, pa.float64()) for c in ("kept_share", "low", "high")]
        + [("overdue", pa.int64())]
    )
    return pa.Table.from_pylist([r for r in rows if r["n"]], schema).sort_by([("n", "descending")])


def _standard(
    channel: str,
    hours: float,
    spent: NDArray[np.int64],
    is_answered: NDArray[np.bool_],
    is_closed: NDArray[np.bool_],
) -> dict[str, Any]:
    """One channel's messages, by the business microseconds until their answer, their journey's giving up, or now."""
    standard = int(hours * 3_600_000_000)
    late = spent > standard
    kept = int((is_answered & ~late).sum())
    overdue = int((~is_answered & ~is_closed & late).sum())
    n = int((is_answered | late).sum())
    bounds = wilson_interval(kept, n)
    return {
        "channel": channel,
        "standard_s": standard / 1e6,
        "n": n,
        "kept": kept,
        "kept_share": kept / n if n else None,
        "low": bounds.low,
        "high": bounds.high,
        "overdue": overdue,
    }


def _open_now(view: View, top: int) -> pa.Table:
    names = view.scope.names
    longest = (
        "select customer_key, journey_no, case_id, journey_type, end_touchpoint, waiting_since from journeys "
        f"where waiting_for = 'us' order by waiting_since, customer_key, journey_no limit {top}"
    )
    return view.table(
        f"with longest as ({longest}) select {'i.source_id' if names else 'null::varchar'} as customer, "
        f"{'j.case_id' if names else 'null::varchar'} as case_id, j.journey_type, j.end_touchpoint as touchpoint, "
        "j.waiting_since as since, "
        f"epoch({view.now_sql} - j.waiting_since)::double as waited_s, j.customer_key, j.journey_no from "
        f"longest j left join {names_of('longest')} i "
        "using (customer_key) order by j.waiting_since, j.customer_key, j.journey_no"
    )
