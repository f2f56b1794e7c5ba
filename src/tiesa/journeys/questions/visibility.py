"""Question 5: could the employee who met the customer see what the customer had sent before?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.earlier import find_pairs
from tiesa.journeys.questions.result import Result
from tiesa.journeys.questions.walls import (
    NOT_JUDGED,
    examples_table,
    matrix_table,
    meetings_with,
    units_table,
    verdicts,
    walls_table,
)
from tiesa.journeys.view import View
from tiesa.journeys.visibility_rules import FILE, VisibilityRules, Wall, read_visibility
from tiesa.pictures.palette import LIGHT, Theme

if TYPE_CHECKING:
    from tiesa.pictures.charts_frame import Picture

ENOUGH = 20
"""Pairs that a unit and channel need before they are named in a sentence."""
TOLERATED = 0.2
"""The share of meetings without sight of what was sent above which a manager should look first."""
UNITS_DRAWN = 8
"""Units that the picture shows, those with most meetings."""


@dataclass(frozen=True)
class VisibilityReport(Result):
    """What customers had brought before a meeting or call on other channels, and whether the employee could see it.

    meetings: meetings and calls with a known employee or unit. before: those before which the customer had come to us
    on another channel. unseen: of these, as far as they can be judged, those in which the employee could not see or had
    not opened something of it. other_number: meetings before which the same person had come under another customer
    number. units: per unit: n, before, before_share with low and high, judged, unseen, unseen_share with its bounds.
    matrix: per unit and channel of the earlier contact: n (meetings), judged, unseen, share, low, high, wall (the
    commonest). walls: per wall: n (pairs of meeting and channel), share of the judged pairs, low, high. examples: the
    latest, walled off ones where any are; customers and employees are null where the scope does not show names.
    """

    number: ClassVar[int] = 5
    name: ClassVar[str] = "visibility"
    meetings: int
    before: Share
    unseen: Share
    other_number: int
    units: pa.Table
    matrix: pa.Table
    walls: pa.Table
    examples: pa.Table
    window: timedelta
    has_directions: bool
    knows_units: bool
    knows_names: bool

    def question(self) -> str:
        return _("Could the employee see it?")

    @property
    def can_be_judged(self) -> bool:
        return self.unseen.n > 0

    @property
    def needs_attention(self) -> bool:
        return self.unseen.n > 0 and self.unseen.interval.low > TOLERATED

    @property
    def days(self) -> str:
        return formats.length(self.window.total_seconds())

    def answer(self) -> str:
        if not self.has_directions:
            return _("Cannot be judged: the data do not say what came from the customer.")
        if not self.meetings:
            return _("No meeting or call with a known employee or unit is in these journeys.")
        sentences = [
            _(
                "Before {share} of meetings and calls the customer had come to us on another channel, in the {days} "
                "before."
            ).format(share=formats.whole_share(self.before), days=self.days)
        ]
        if self.unseen.n:
            sentences.append(
                _("In {share} of these the employee could not see all of it or had not opened it.").format(
                    share=formats.whole_share(self.unseen)
                )
            )
        elif self.before.count:
            sentences.append(_("Whether the employee could see it cannot be judged."))
        return " ".join(sentences)

    def findings(self) -> tuple[str, ...]:
        found = []
        if self.walls.num_rows and self.unseen.n:
            wall = self.walls.to_pylist()[0]
            found.append(
                _("The wall met most often: {wall} ({n} of {all} times).").format(
                    wall=wall_in_words(wall["wall"]),
                    n=formats.number(wall["n"]),
                    all=formats.number(pc.sum(self.walls["n"]).as_py()),
                )
            )
        if worst := self.worst_cell:
            found.append(
                _("Unit “{unit}” misses most of what came by {channel}: {share}.").format(
                    unit=worst["unit"],
                    channel=worst["channel"],
                    share=formats.whole_share(share(worst["unseen"], worst["judged"])),
                )
            )
        if self.other_number:
            found.append(
                ngettext(
                    "Before {n} meeting probably the same person had come under another customer number (the same mail "
                    "address or telephone).",
                    "Before {n} meetings probably the same person had come under another customer number (the same "
                    "mail "
                    "address or telephone).",
                    self.other_number,
                ).format(n=formats.number(self.other_number))
            )
        if self.unseen.n and (unjudged := self.before.count - self.unseen.n):
            found.append(
                ngettext(
                    "{n} more meeting cannot be judged: neither rules nor records say what its unit sees.",
                    "{n} more meetings cannot be judged: neither rules nor records say what their units see.",
                    unjudged,
                ).format(n=formats.number(unjudged))
            )
        return tuple(found)

    @property
    def worst_cell(self) -> dict[str, Any] | None:
        """The unit and channel whose share unseen is surely highest."""
        cells = [r for r in self.matrix.to_pylist() if r["judged"] >= ENOUGH and r["unseen"] and r["unit"] is not None]
        return max(cells, key=lambda r: (r["low"], r["unseen"]), default=None)

    def missing(self) -> str:
        if not self.has_directions:
            return _("direction (who turned to whom)")
        if not self.meetings:
            return _("employee or unit of meetings and calls")
        if not self.before.count or self.before.count == self.unseen.n:
            return ""
        needed = _("which unit sees which channel, in rules/{file}, or the table `seen` (who opened what, when)")
        return needed.format(file=FILE) if self.knows_units else _("unit") + "; " + needed.format(file=FILE)

    def tables(self) -> tuple[ShownTable, ...]:
        tables = (self._matrix(), self._walls(), self._units(), self._examples())
        return tuple(t for t in tables if len(t))

    def _matrix(self) -> ShownTable:
        return ShownTable(
            "visibility_matrix",
            _("What was sent, and who could not see it"),
            self.matrix.append_column("wall_is", walls_in_words(self.matrix["wall"])),
            (
                Shown("unit", _("unit of the meeting")),
                Shown("channel", _("sent before by")),
                Shown("n", _("meetings"), Kind.COUNT),
                Shown("share", _("not seen"), Kind.SHARE, "low", "high"),
                Shown("judged", _("n judged"), Kind.COUNT),
                Shown("wall_is", _("commonest wall")),
            ),
        )

    def _walls(self) -> ShownTable:
        return ShownTable(
            "visibility_walls",
            _("Which wall stood there"),
            self.walls.append_column("wall_is", walls_in_words(self.walls["wall"])),
            (
                Shown("wall_is", _("wall")),
                Shown("share", _("of all judged"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
            ),
            note=_("Counted once per meeting and channel."),
        )

    def _units(self) -> ShownTable:
        return ShownTable(
            "visibility_units",
            _("Meetings and calls by unit"),
            self.units,
            (
                Shown("unit", _("unit")),
                Shown("n", _("meetings"), Kind.COUNT),
                Shown("before_share", _("had come to us before"), Kind.SHARE, "low", "high"),
                Shown("unseen_share", _("of these not seen"), Kind.SHARE, "unseen_low", "unseen_high"),
                Shown("judged", _("n judged"), Kind.COUNT),
            ),
        )

    def _examples(self) -> ShownTable:
        people = (Shown("customer", _("customer")), Shown("employee", _("employee"))) if self.knows_names else ()
        return ShownTable(
            "visibility_examples",
            _("The latest meetings after which to ask") if self.can_be_judged else _("The latest meetings"),
            self.examples.append_column("wall_is", walls_in_words(self.examples["wall"])),
            (
                Shown("met_at", _("met (UTC)"), Kind.INSTANT),
                *people,
                Shown("unit", _("unit")),
                Shown("touchpoint", _("meeting")),
                Shown("earlier_at", _("sent (UTC)"), Kind.INSTANT),
                Shown("earlier_channel", _("by channel")),
                Shown("earlier_touchpoint", _("what")),
                Shown("wall_is", _("wall")),
            ),
        )

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        from tiesa.pictures.charts import matrix

        if not self.can_be_judged:
            return None
        units = list(dict.fromkeys(self.matrix["unit"].to_pylist()))[:UNITS_DRAWN]
        rows = [
            {
                "row": row["unit"] or _("not known"), "column": row["channel"], "value": row["share"],
                "low": row["low"], "high": row["high"], "n": row["judged"],
            }
            for row in self.matrix.to_pylist()
            if row["unit"] in units
        ]  # fmt: skip
        title = _("Not seen at the meeting, by unit and by the channel of what was sent")
        return matrix(pa.Table.from_pylist(rows), title=title, theme=theme, width=width)

    def explain(self) -> str:
        return _(
            "A meeting is a contact on a channel of conversation with a known employee or unit. Before it counts what "
            "the same customer had brought on another channel in the {days} before, in whatever journey: messages, "
            "self-service, indirect contacts; per channel the latest. It was seen if a record says that this employee "
            "had opened it by the end of the meeting. Else the first wall that applies stands there: it came under "
            "another customer number (the same mail address, or the same telephone in another system); the channel "
            "is not connected; "
            "this unit has no right to it; it could be opened and was not. Rights and connections are those of "
            "rules/{file}, as they are today; a unit that they do not name is not judged; without records of opening, "
            "what a unit may see counts as seen. A meeting counts as not seen if anything of it was not. Shares have "
            "95 % "
            "Wilson intervals, which take meetings as independent."
        ).format(days=self.days, file=FILE)


def wall_in_words(wall: str) -> str:
    return {
        Wall.IDENTITY: _("another customer number"),
        Wall.CHANNEL: _("channel not connected"),
        Wall.RIGHTS: _("no right to see it"),
        Wall.NOT_OPENED: _("could be opened, was not"),
        Wall.NOT_TOLD: _("not opened; the rules do not say whether it could be"),
    }[Wall(wall)]


def walls_in_words(walls: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Walls as people call them."""
    return pa.array([None if w is None else wall_in_words(w) for w in walls.to_pylist()], pa.string())


def visibility(
    view: View,
    *,
    window: timedelta | None = None,
    rules: VisibilityRules | None = None,
    top: int = 20,
    holds: Held | None = None,
) -> VisibilityReport:
    """Question 5 asked of a view.

    Args: window: how long before a meeting counts, else as the rules say. rules: else those of the home
    (`rules/visibility.toml`). top: how many examples. holds: `held(view)` where it is at hand.
    Raises: InvalidRules where the file of the home is wrong.
    """
    holds = holds or held(view)
    rules = rules or read_visibility(view.home.rules)
    window = window or rules.window
    pairs = find_pairs(view, holds, window)
    found = verdicts(pairs, rules)
    with_before = meetings_with(pairs, np.ones(len(found), np.bool_))
    judged = meetings_with(pairs, found != NOT_JUDGED)
    unseen = meetings_with(pairs, found >= 0)
    return VisibilityReport(
        meetings=pairs.meetings,
        before=share(int(with_before.sum()), pairs.meetings),
        unseen=share(int(unseen.sum()), int(judged.sum())),
        other_number=int(meetings_with(pairs, pairs.twin).sum()),
        units=units_table(pairs, with_before, judged, unseen),
        matrix=matrix_table(pairs, found),
        walls=walls_table(found),
        examples=examples_table(view, holds, pairs, found, top),
        window=window,
        has_directions=any(holds.directions.get(d) for d in ("inbound", "self_service", "indirect")),
        knows_units=any(unit is not None for unit in pairs.units),
        knows_names=view.scope.names,
    )
