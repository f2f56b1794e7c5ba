"""The inventory of touchpoints (S3.1), those before the purchase included: what happens there, how often, over which
channels, who answers for it, and how well it is covered by what customers say."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.intervals import t_quantile, wilson_interval
from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.view import View


@dataclass(frozen=True)
class Inventory:
    """Touchpoints of a view. journeys: how many there are in all.

    touchpoints: touchpoint, channels, contacts, customers, journeys, share (of journeys) with share_low and share_high,
    process, owner, units, felt (contacts with a known emotion), coverage (felt / contacts) with its bounds, emotion
    (the mean) with its bounds, answers (of surveys that name it).
    """

    touchpoints: pa.Table
    journeys: int

    def answer(self) -> str:
        """How many there are, and how many of them nobody measures."""
        n = self.touchpoints.num_rows
        silent = sum(
            1 for felt, asked in zip(self._list("felt"), self._list("answers"), strict=True) if not felt and not asked
        )
        return _("{n} touchpoints; at {silent} of them nothing is known of what customers feel.").format(
            n=formats.number(n), silent=formats.number(silent)
        )

    def _list(self, name: str) -> list[int]:
        return [int(v or 0) for v in self.touchpoints[name].to_pylist()]

    def table(self) -> ShownTable:
        """The inventory for people."""
        columns = (
            Shown("touchpoint", _("touchpoint")),
            Shown("channels", _("channels")),
            Shown("contacts", _("contacts"), Kind.COUNT),
            Shown("share", _("of journeys"), Kind.SHARE, "share_low", "share_high"),
            Shown("process", _("process")),
            Shown("owner", _("owner")),
            Shown("emotion", _("emotion, −1 to +1"), Kind.SCORE, "emotion_low", "emotion_high"),
            Shown("felt", _("n"), Kind.COUNT),
            Shown("coverage", _("emotion known"), Kind.SHARE, "coverage_low", "coverage_high"),
            Shown("answers", _("survey answers"), Kind.COUNT),
        )
        return ShownTable("touchpoints", _("Touchpoints"), self.touchpoints, columns)


def inventory(view: View) -> Inventory:
    """The touchpoints of a view, the most frequent first.

    Shares have Wilson intervals, the mean emotion Student's (n of at least 2; contacts taken as independent). The owner
    is who the table of processes names; null where it does not.
    """
    journeys = view.one("select count(*) from journeys")[0]
    rows = view.table(
        "with answered as (select touchpoint, count(*) as answers from answers where touchpoint is not null "
        "group by 1) "
        "select r.touchpoint, string_agg(distinct channel, ', ' order by channel) as channels, count(*) as contacts, "
        "count(distinct customer_key) as customers, count(distinct (customer_key, journey_no)) as journeys, "
        "arg_max(process, process is not null) as process, count(emotion) as felt, avg(emotion)::double as emotion, "
        "stddev_samp(emotion)::double as spread, string_agg(distinct unit, ', ' order by unit) as units, "
        "coalesce(any_value(a.answers), 0) as answers from rows r left join answered a using (touchpoint) "
        "group by r.touchpoint order by contacts desc, r.touchpoint"
    ).to_pylist()
    owners = dict(view.rows("select process, min(owner) from processes group by 1"))
    for row in rows:
        bounds = wilson_interval(row["journeys"], journeys)
        row |= {
            "share": row["journeys"] / journeys if journeys else None,
            "share_low": bounds.low,
            "share_high": bounds.high,
        }
        bounds = wilson_interval(row["felt"], row["contacts"])
        coverage = row["felt"] / row["contacts"]
        row |= {"coverage": coverage, "coverage_low": bounds.low, "coverage_high": bounds.high}
        row |= _mean_bounds(row["felt"], row["emotion"], row.pop("spread"))
        row["owner"] = owners.get(row["process"])
    return Inventory(pa.Table.from_pylist(rows) if rows else pa.table({c: [] for c in _COLUMNS}), journeys)


def _mean_bounds(n: int, mean: float | None, deviation: float | None) -> dict[str, float | None]:
    """Student's 95 % interval of the mean emotion; none for fewer than two contacts."""
    if n < 2 or mean is None or deviation is None:
        return {"emotion_low": None, "emotion_high": None}
    half = t_quantile(n - 1) * deviation / sqrt(n)
    return {"emotion_low": max(-1.0, mean - half), "emotion_high": min(1.0, mean + half)}


_COLUMNS = (
    "touchpoint", "channels", "contacts", "customers", "journeys", "process", "felt", "emotion", "units",
    "answers", "share", "share_low", "share_high", "coverage", "coverage_low", "coverage_high", "emotion_low",
    "emotion_high", "owner",
)  # fmt: skip
