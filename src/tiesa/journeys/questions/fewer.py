"""Question 2: how could there be fewer contacts, and the question be solved fastest?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.compute as pc

from tiesa.core import formats
from tiesa.core.intervals import Share, share
from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.held import Held, held
from tiesa.journeys.questions.avoidable import (
    CONTACTS,
    Rule,
    find_avoidable,
    gap_in_words,
    repeat_days,
    rule_name,
    rule_text,
)
from tiesa.journeys.questions.contacts_to_goal import contacts_to_goal
from tiesa.journeys.questions.paths import ENOUGH, clearly_faster, fastest
from tiesa.journeys.questions.paths_in_words import difficulty_words, faster_sentence, paths_table
from tiesa.journeys.questions.result import Result
from tiesa.journeys.questions.savings import SHORTEST_DAYS, TAKEN, by_kind, by_rule, what_they_took, with_shares
from tiesa.journeys.view import View


@dataclass(frozen=True)
class FewerReport(Result):
    """How many contacts a goal takes, which of them need not be, what they take, and which path is fastest.

    to_goal: one row per counted (contacts, inbound, internal): n journeys, total, mean, median, p90, with intervals.
    distribution: journeys by their number of contacts. rules: one row per rule of avoidable contacts, in the order in
    which they are tried: rule, lacks (what it cannot be applied without: direction, reason, replies or employee), n,
    share, low, high (of all the customers' contacts), per_100_journeys, and what they took: hours of our work, cost,
    waited_hours (the customers', for us, before them), known for timed and costed of the n; with `_a_year` where the
    period of `days` is long enough. savings: the same per (touchpoint, channel, rule). kinds: the same per (touchpoint,
    channel) of all contacts, without waits. paths: the fastest per difficulty (`questions.paths`), difficulty: what it
    was made of. window_days: of a repeat. status_names: touchpoints and reasons that ask for the status.
    """

    number: ClassVar[int] = 2
    name: ClassVar[str] = "fewer"
    drawn: ClassVar[tuple[str, ...]] = ("avoidable_contacts", "why")
    to_goal: pa.Table
    distribution: pa.Table
    rules: pa.Table
    savings: pa.Table
    kinds: pa.Table
    paths: pa.Table
    difficulty: tuple[str, ...]
    contacts: int
    inbound: int
    journeys: int
    undirected: int
    days: float
    currency: str
    lacks_goal: bool
    window_days: int
    status_names: tuple[str, ...]

    def question(self) -> str:
        return _("How could there be fewer contacts, solved fastest?")

    @property
    def to_solve(self) -> dict[str, Any] | None:
        """Contacts until the goal; None where most journeys reached it without one in the data."""
        row: dict[str, Any] | None = self.to_goal.slice(0, 1).to_pylist()[0] if self.to_goal.num_rows else None
        return row if row and row["median"] else None

    @property
    def avoidable(self) -> Share | None:
        """Avoidable ones among the customers' contacts; at least so many where a rule cannot be applied (`is_partial`).

        None where nobody turned to us, and where none is found while repeats, most of them, cannot be told.
        """
        found = int(pc.sum(self.rules["n"]).as_py() or 0)
        if not self.inbound or (not found and self.rules["lacks"][0].is_valid):
            return None
        return share(found, self.inbound)

    @property
    def is_partial(self) -> bool:
        """Is there a rule that the data do not allow to apply?"""
        return bool(self.rules["lacks"].null_count < self.rules.num_rows)

    @property
    def can_be_judged(self) -> bool:
        return self.to_solve is not None or self.avoidable is not None

    @property
    def needs_attention(self) -> bool:
        return self.avoidable is not None and self.avoidable.interval.low > 0.1

    def answer(self) -> str:
        sentences = []
        if row := self.to_solve:
            sentences.append(
                _("{mean} contacts to reach the goal ({mean_interval}; median {median}, {interval}; n {n}).").format(
                    mean=formats.number(row["mean"], digits=1),
                    mean_interval=_bounds(row["mean_low"], row["mean_high"], 1),
                    median=formats.number(row["median"]),
                    interval=_bounds(row["low"], row["high"], 0),
                    n=formats.number(row["n"]),
                )
            )
        if self.avoidable is not None:
            sentence = (
                _("Of the customers' contacts, at least {share} were avoidable.")
                if self.is_partial
                else _("Of the customers' contacts, {share} were avoidable.")
            )
            sentences.append(sentence.format(share=formats.whole_share(self.avoidable)))
        return " ".join(sentences) or self._why_not()

    def _why_not(self) -> str:
        if not self.journeys:
            return _("There are no journeys to look at.")
        if not self.contacts:
            return _("Cannot be judged: the data hold only internal steps, no contact with a customer.")
        if not self.inbound:
            return _("Cannot be judged: the data do not say who turned to whom, nor who reached their goal.")
        return _(
            "Cannot be judged: the data do not say with which question customers came, nor who reached their goal."
        )

    def findings(self) -> tuple[str, ...]:
        found = []
        if self.avoidable is not None and self.avoidable.count:
            found += [self._largest_rule(), self._saving()]
        if self.to_goal.num_rows and self.contacts and not self.to_solve:
            found.append(
                _("Contacts to the goal cannot be counted: most journeys that reached it show none with the customer.")
            )
        if not self.paths.num_rows:
            return tuple(filter(None, found))
        if not self.difficulty:
            found.append(
                _("Which path is fastest cannot be judged: nothing in the data says how difficult a matter was.")
            )
        elif path := clearly_faster(self.paths):
            found.append(faster_sentence(path))
        else:
            found.append(_("No path to the goal is clearly faster than the others of the same difficulty."))
        return tuple(filter(None, found))

    def _largest_rule(self) -> str:
        worst = self.savings.slice(0, 1).to_pylist()[0]
        if worst["n"] < max(ENOUGH, pc.sum(self.savings["n"]).as_py() / 10):
            return ""
        return _("Most frequent: {rule} at “{touchpoint}” ({channel}), {share} of the customers' contacts.").format(
            rule=rule_name(worst["rule"]),
            touchpoint=worst["touchpoint"],
            channel=worst["channel"],
            share=formats.whole_share(share(worst["n"], self.inbound)),
        )

    def _saving(self) -> str:
        """What all avoidable contacts took together: the most that could be saved."""
        sums = {c: pc.sum(self.rules[c]).as_py() for c in (*TAKEN.names, "n_a_year", "hours_a_year", "cost_a_year")}
        yearly = sums["n_a_year"] is not None
        parts = [
            _("{n} contacts a year").format(n=formats.number(sums["n_a_year"]))
            if yearly
            else _("{n} contacts in this period").format(n=formats.number(sums["n"]))
        ]
        if sums["timed"]:
            hours = sums["hours_a_year"] if yearly else sums["hours"]
            known = formats.share(sums["timed"] / sums["n"])
            parts.append(
                _("{hours} hours of work (length known of {known})").format(
                    hours=formats.number(hours, digits=1 if hours < 10 else 0),
                    known=known,
                )
            )
        if sums["costed"]:
            cost = sums["cost_a_year"] if yearly else sums["cost"]
            parts.append(
                _("{cost} (cost known of {known})").format(
                    cost=formats.money(cost, self.currency), known=formats.share(sums["costed"] / sums["n"])
                )
            )
        what = ", ".join(parts)
        return _("If all of them fell away: {what}. That is the most there is to save, not a forecast.").format(
            what=what
        )

    def missing(self) -> str:
        lacking = [_("goal, or a status that says a case was solved")] if self.lacks_goal else []
        lacking += [gap_in_words(gap) for gap in dict.fromkeys(self.rules["lacks"].to_pylist()) if gap]
        return "; ".join(lacking)

    def tables(self) -> tuple[ShownTable, ...]:
        counted = {
            "contacts": _("contacts with the customer"),
            "inbound": _("of these the customer's own"),
            "internal": _("internal steps"),
        }
        to_goal = ShownTable(
            "contacts_to_goal",
            _("Contacts until the goal"),
            self.to_goal.append_column("what", _words(self.to_goal["counted"], counted)),
            (
                Shown("what", _("what is counted")),
                Shown("mean", _("mean"), Kind.NUMBER, "mean_low", "mean_high"),
                Shown("median", _("median"), Kind.COUNT, "low", "high"),
                Shown("p90", _("1 in 10 over"), Kind.COUNT),
                Shown("n", _("journeys"), Kind.COUNT),
            ),
        )
        names = {rule: rule_name(rule) for rule in Rule}
        definitions = {rule: rule_text(rule, self.window_days, self.status_names) for rule in Rule}
        gaps = {gap: gap_in_words(gap) for gap in self.rules["lacks"].to_pylist() if gap}
        said = self.rules.append_column("why", _words(self.rules["rule"], names))
        said = said.append_column("definition", _words(self.rules["rule"], definitions))
        said = said.append_column("without", _words(self.rules["lacks"], gaps))
        rules = ShownTable(
            "avoidable_contacts",
            _("Avoidable contacts, each counted once by the first rule that applies"),
            said,
            (
                Shown("why", _("rule")),
                Shown("share", _("of the customers' contacts"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                Shown("per_100_journeys", _("in 100 journeys"), Kind.NUMBER),
                *self._taken(),
                Shown("definition", _("what counts")),
                Shown("without", _("cannot be applied without")),
            ),
            note=self._basis(),
            currency=self.currency,
        )
        savings = ShownTable(
            "what_removing_would_save",
            _("What there would be to save if a kind of contact fell away"),
            self.savings.append_column("why", _words(self.savings["rule"], names)),
            (
                Shown("touchpoint", _("touchpoint")),
                Shown("channel", _("channel")),
                Shown("why", _("rule")),
                Shown("share", _("of the customers' contacts"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                *self._taken(),
            ),
            note=self._basis(),
            currency=self.currency,
        )
        kinds = ShownTable(
            "kinds_of_contact",
            _("What every kind of contact takes, and how much of it was avoidable"),
            self.kinds,
            (
                Shown("touchpoint", _("touchpoint")),
                Shown("channel", _("channel")),
                Shown("share", _("avoidable"), Kind.SHARE, "low", "high"),
                Shown("n", _("n"), Kind.COUNT),
                *self._taken(waited=False),
            ),
            note=self._basis(),
            currency=self.currency,
        )
        distribution = ShownTable(
            "journeys_by_contacts",
            _("Journeys by the number of contacts until the goal"),
            self.distribution,
            (
                Shown("contacts", _("contacts"), Kind.COUNT),
                Shown("share", _("of the journeys"), Kind.SHARE, "low", "high"),
                Shown("n", _("journeys"), Kind.COUNT),
            ),
        )
        shown = [to_goal, *([rules] if self.inbound else []), savings, paths_table(self.paths)]
        shown += [*([distribution] if self.to_solve else []), kinds]
        return tuple(t for t in shown if len(t))

    def _taken(self, *, waited: bool = True) -> tuple[Shown, ...]:
        """Columns of what contacts took; a year where the period allows, and only what the log knows."""
        yearly = {
            "n": (_("a year"), Kind.COUNT),
            "hours": (_("hours of work a year"), Kind.NUMBER),
            "cost": (_("cost a year"), Kind.MONEY),
            "waited_hours": (_("hours waited for us before them, a year"), Kind.NUMBER),
        }
        once = {
            "hours": (_("hours of work"), Kind.NUMBER),
            "cost": (_("cost"), Kind.MONEY),
            "waited_hours": (_("hours waited for us before them"), Kind.NUMBER),
        }
        ending = "_a_year" if self.is_yearly else ""
        coverage = {
            "hours": Shown("timed_share", _("length known"), Kind.SHARE),
            "cost": Shown("costed_share", _("cost known"), Kind.SHARE),
        }
        shown = []
        for column, (heading, kind) in (yearly if self.is_yearly else once).items():
            source = self.savings if column == "waited_hours" else self.kinds
            if source[column].null_count == source.num_rows or (column == "waited_hours" and not waited):
                continue
            shown.append(Shown(column + ending, heading, kind))
            if column in coverage:
                shown.append(coverage[column])
        return tuple(shown)

    @property
    def is_yearly(self) -> bool:
        """Is the period long enough to speak of a year?"""
        return self.days >= SHORTEST_DAYS

    def _basis(self) -> str:
        days = formats.number(self.days)
        if self.is_yearly:
            return _(
                "A year at the rate of these {days} days; sums of what is known, if all of them fell away."
            ).format(days=days)
        return _("In these {days} days, too few to speak of a year; sums of what is known.").format(days=days)

    def explain(self) -> str:
        words = difficulty_words()
        sentences = [
            _(
                "Contacts are counted from the start of a journey to the contact that reached its goal, internal steps "
                "apart, over {n} journeys that reached it; the mean has a t interval, the median one of order "
                "statistics (Campbell and Gardner 1988), shares have Wilson intervals. A customer's contact counts as "
                "avoidable once, by the first rule of the table that applies; rules that need a column the data lack "
                "are named and not applied, so the share is then too low."
            ).format(n=formats.number(self.to_goal["n"][0].as_py() if self.to_goal.num_rows else 0))
        ]
        if self.undirected:
            sentences.append(
                _("Of {n} contacts the direction is not known; they count as contacts with the customer.").format(
                    n=formats.number(self.undirected)
                )
            )
        sentences.append(
            _(
                "Savings are sums of what these contacts took, if all of them fell away and nothing came in their "
                "place. Paths are compared only among journeys of the same {difficulty}; one is called faster when the "
                "interval of its median lies below that of all of them. Of many compared paths the fastest looks "
                "faster than it is, journeys on it may be easier in ways the data do not tell, and intervals take "
                "journeys and contacts as independent: none of this says what causes what."
            ).format(difficulty=", ".join(words[c] for c in self.difficulty) or _("log"))
        )
        return " ".join(sentences)


def _bounds(low: float | None, high: float | None, digits: int) -> str:
    if low is None or high is None:
        return _("too few for an interval")
    return f"{formats.number(low, digits=digits)}–{formats.number(high, digits=digits)}"


def _words(column: pa.ChunkedArray, words: dict[Any, str]) -> pa.Array:
    return pa.array([words.get(value) for value in column.to_pylist()], pa.string())


def fewer(view: View, *, top: int = 20, holds: Held | None = None) -> FewerReport:
    """Question 2 asked of a view. top: how many fast paths to show. holds: `held(view)` where it is at hand."""
    holds = holds or held(view)
    to_goal, distribution = contacts_to_goal(view)
    journeys, inbound, contacts = view.one(
        "select count(*), coalesce(sum(inbound), 0)::bigint, coalesce(sum(contacts - internal_steps), 0)::bigint "
        "from journeys"
    )
    first, last = view.one("select epoch(min(start_at))::double, epoch(max(end_at))::double from journeys")
    days = (last - first) / 86_400 if journeys else 0.0
    found = find_avoidable(view, holds)
    savings = what_they_took(view, ("touchpoint", "channel", "rule"), CONTACTS, days)
    savings = with_shares(savings, savings["n"].to_pylist(), [inbound] * savings.num_rows)
    paths = fastest(view, holds, top=top)
    directed = sum(holds.directions.values())
    return FewerReport(
        to_goal=to_goal,
        distribution=distribution,
        rules=by_rule(view, found, inbound, journeys, days),
        savings=savings,
        kinds=by_kind(view, savings, days, judged=bool(found.counts)),
        paths=paths.paths,
        difficulty=paths.known,
        contacts=contacts,
        inbound=inbound,
        journeys=journeys,
        undirected=view.one("select count(*) from rows where direction is null")[0] if directed < holds.contacts else 0,
        days=days,
        currency=view.rules.currency,
        lacks_goal=not to_goal.num_rows,
        window_days=repeat_days(view),
        status_names=found.status_names,
    )
