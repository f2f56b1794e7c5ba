"""The register as it is read, by evidence number: what builds found, in words and figures, without any search."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.home import Home
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.questions.result import Result
from tiesa.moments.atoms import Atom
from tiesa.moments.outcomes import EVENTS, Outcome
from tiesa.moments.register import read_registers, register_files
from tiesa.moments.situations import Situation
from tiesa.moments.states import State, state_in_words
from tiesa.moments.words import sentence, situation_in_words
from tiesa.pictures.charts_effects import effects
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.charts_scales import Unit, written_change
from tiesa.pictures.palette import LIGHT, Theme

Estimate = Mapping[str, Any]
"""One estimate of a moment, as the register keeps it."""
ORDER = (State.CONFIRMED, State.PAIN_POINT, State.UNKNOWN, State.CANNOT_BE_JUDGED, State.CANDIDATE, State.NO_EVIDENCE)
"""States, those that tell most first."""
_UNITS: dict[str, Unit] = {"risk": "share", "share": "share", "points": "score", "money": "count"}
DRAWN = 12


def registers(home: Home, version: int | None = None) -> tuple[dict[str, Any], ...]:
    """What was found in a build, one register per outcome; without a number, of each outcome its latest."""
    found = {one["outcome"]: one for one in read_registers(home) if version in (None, one["version"])}
    return tuple(sorted(found.values(), key=lambda one: list(Outcome).index(Outcome(one["outcome"]))))


def register_marks(home: Home) -> tuple[tuple[str, int], ...]:
    """The register's files and when each changed: what is worked out from them holds as long as this does."""
    return tuple((path.name, path.stat().st_mtime_ns) for path in register_files(home))


def estimates_in(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Their estimates with the evidence number as `version`: by state, outcome, and how much they do."""
    made = [estimate | {"version": one["version"]} for one in found for estimate in one["moments"]]
    return sorted(made, key=_rank)


def own_in(found: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """What became of situations that a person defined, for each outcome; of what cannot be judged without figures."""
    return [estimate | {"version": one["version"]} for one in found for estimate in one.get("own", ())]


def _rank(estimate: Estimate) -> tuple[int, int, float, str]:
    return (
        ORDER.index(State(estimate["state"])), list(Outcome).index(Outcome(estimate["outcome"])),
        -abs((estimate["effect"] or 0) * estimate["exposed_n"]), estimate["id"],
    )  # fmt: skip


def situation_words(estimate: Estimate) -> str:
    """The situation in the running language; of a condition that this version does not know, as it was kept."""
    try:
        return situation_in_words(Situation.from_plain(estimate["condition"]))
    except (KeyError, ValueError):
        return str(estimate["situation"])


def other_words(estimate: Estimate) -> list[str]:
    """The other explanations that it was set against; none where an older build did not keep them."""
    return [situation_words(other) for other in estimate.get("set_against", ())]


def condition_words(estimate: Estimate) -> list[str]:
    """Its conditions one by one."""
    try:
        return [situation_in_words(Situation.of([Atom.from_plain(one)])) for one in estimate["condition"]["all"]]
    except (KeyError, ValueError):
        return [str(estimate["situation"])]


def state_words(estimate: Estimate) -> str:
    return state_in_words(State(estimate["state"]), felt=is_felt(estimate))


def is_felt(estimate: Estimate) -> bool:
    """Whether it is confirmed on a feeling; older builds kept this only with what it does to leaving."""
    return bool(estimate.get("is_felt") or estimate.get("behaviour"))


def outcome_words(estimate: Estimate) -> str:
    return Outcome(estimate["outcome"]).in_words()


def timed_outcome(estimate: Estimate) -> str:
    """What an effect is a change of: of something that happens, its risk within the time looked at."""
    if Outcome(estimate["outcome"]) not in EVENTS or not estimate["horizon_days"]:
        return outcome_words(estimate)
    time = formats.length(estimate["horizon_days"] * 86_400)
    match Outcome(estimate["outcome"]):
        case Outcome.SOLVED:
            return _("the share of journeys that are solved within {time}").format(time=time)
        case Outcome.GOAL_MISSED:
            return _("the share of journeys that are given up within {time}").format(time=time)
    return _("the risk of {outcome} within {time}").format(outcome=outcome_words(estimate), time=time)


def unit_of(estimate: Estimate) -> Unit:
    """In what an effect is written: differences of risks and shares in points, others as they are."""
    return _UNITS.get(estimate.get("unit", "risk"), "share")


def effect_words(estimate: Estimate) -> str:
    """The effect with its interval, or that it cannot be judged."""
    if estimate["state"] == State.CANNOT_BE_JUDGED:
        return state_words(estimate)
    return written_change(estimate["effect"], estimate["low"], estimate["high"], unit_of(estimate))


def told(estimate: Estimate) -> str:
    """A confirmed moment in one sentence: what it changes, within which time, with interval and n."""
    return _("{situation}: {outcome} changes by {effect}, {n}.").format(
        situation=sentence(situation_words(estimate)),
        outcome=timed_outcome(estimate),
        effect=effect_words(estimate),
        n=episodes_words(estimate["exposed_n"]),
    )


def episodes_words(n: int) -> str:
    return ngettext("{n} episode", "{n} episodes", n).format(n=formats.number(n))


@dataclass(frozen=True)
class Registered(Result):
    """The register of a build, for a report and its pages. found: one register per outcome; estimates: those shown;
    own: of situations that a person defined."""

    name: ClassVar[str] = "moments"
    found: tuple[dict[str, Any], ...]
    estimates: tuple[dict[str, Any], ...]
    own: tuple[dict[str, Any], ...] = ()

    @classmethod
    def of(cls, home: Home, version: int | None = None) -> Registered:
        found = registers(home, version)
        return cls(found, tuple(estimates_in(found)), tuple(own_in(found)))

    def of_state(self, state: State) -> list[dict[str, Any]]:
        return [estimate for estimate in self.estimates if estimate["state"] == state]

    @property
    def tested(self) -> int:
        """Situations tested, over all outcomes."""
        return sum(one["tested"] for one in self.found)

    def older_than(self, version: int) -> str:
        """Which outcomes were last looked at before that build, in words; empty where none was."""
        by_version: dict[int, list[str]] = {}
        for one in self.found:
            if one["version"] < version:
                by_version.setdefault(one["version"], []).append(Outcome(one["outcome"]).in_words())
        evidence = _("evidence {n}")
        return "; ".join(f"{', '.join(words)} ({evidence.format(n=n)})" for n, words in sorted(by_version.items()))

    @property
    def can_be_judged(self) -> bool:
        return bool(self.found)

    @property
    def needs_attention(self) -> bool:
        return any(is_harm(estimate) for estimate in self.of_state(State.CONFIRMED))

    def question(self) -> str:
        return _("Moments of truth: which contacts decide what customers do and feel?")

    def answer(self) -> str:
        confirmed = self.of_state(State.CONFIRMED)
        return f"{self.counted()} {told(confirmed[0])}" if confirmed else self.counted()

    def counted(self) -> str:
        """How many are confirmed, of how many."""
        if not self.found:
            return _("Nobody has looked for moments of truth in these journeys yet.")
        n = len({estimate["id"] for estimate in self.of_state(State.CONFIRMED)})
        if not n:
            return _("None of the situations looked at ({n}) is confirmed to change what customers do or feel.").format(
                n=formats.number(self.tested)
            )
        return ngettext(
            "{n} situation is confirmed to change what customers do or feel, of {tested} looked at.",
            "{n} situations are confirmed to change what customers do or feel, of {tested} looked at.",
            n,
        ).format(n=n, tested=formats.number(self.tested))

    def findings(self) -> tuple[str, ...]:
        return tuple(map(told, self.of_state(State.CONFIRMED)[1:6]))

    def tables(self) -> tuple[ShownTable, ...]:
        columns = (
            Shown("situation", _("situation"), whole=True),
            Shown("outcome", _("what changes")),
            Shown("state", _("state")),
            Shown("change", _("effect of one episode (95 % interval)"), whole=True),
            Shown("n", _("episodes"), Kind.COUNT),
            Shown("customers", _("customers"), Kind.COUNT),
            Shown("touchpoint", _("usual touchpoint"), extra=True),
            Shown("id", _("id"), extra=True, whole=True),
        )
        rows = pa.Table.from_pylist([self._row(estimate) for estimate in self.estimates], schema=_SCHEMA)
        return (ShownTable("moments", _("Register of moments"), rows, columns, note=_note()),)

    @property
    def own_shown(self) -> list[dict[str, Any]]:
        """Of each situation that a person defined the outcomes for which it has figures; where it has none, itself."""
        by_id: dict[str, list[dict[str, Any]]] = {}
        for one in self.own:
            by_id.setdefault(one["id"], []).append(one)
        return [one for some in by_id.values() for one in [e for e in some if "effect" in e] or some[:1]]

    def own_table(self) -> ShownTable:
        """What became of the situations that a person defined (`own_shown`): a row for each outcome."""
        columns = (
            Shown("name", _("name"), whole=True),
            Shown("situation", _("situation"), whole=True),
            Shown("outcome", _("what changes")),
            Shown("state", _("state")),
            Shown("change", _("effect of one episode (95 % interval)"), whole=True),
            Shown("n", _("episodes"), Kind.COUNT),
            Shown("same", _("speaks of the same as"), whole=True),
        )
        words = {one["id"]: sentence(situation_words(one)) for one in self.estimates}
        rows = [
            {
                "name": one["name"],
                "situation": sentence(situation_words(one)),
                "outcome": outcome_words(one) if "effect" in one else None,
                "state": state_words(one),
                "change": effect_words(one) if "effect" in one else None,
                "n": one.get("exposed_n"),
                "same": words.get(one["same_as"] or ""),
            }
            for one in self.own_shown
        ]
        schema = pa.schema([(column.name, pa.int64() if column.is_number else pa.string()) for column in columns])
        return ShownTable("own", _("Situations of your own"), pa.Table.from_pylist(rows, schema=schema), columns)

    def _row(self, estimate: Estimate) -> dict[str, Any]:
        return {
            "situation": sentence(situation_words(estimate)),
            "outcome": outcome_words(estimate),
            "state": state_words(estimate),
            "change": effect_words(estimate),
            "n": estimate["exposed_n"],
            "customers": estimate["exposed_customers"],
            "touchpoint": estimate["touchpoint"],
            "journey_type": estimate["journey_type"],
            "horizon_days": estimate["horizon_days"],
            "unit": estimate.get("unit", "risk"),
            **{name: estimate[name] for name in ("effect", "low", "high", "id", "version")},
        }

    def explain(self) -> str:
        return str(self.found[0]["explain"]) if self.found else ""

    def picture(self, *, theme: Theme = LIGHT, width: int = 640) -> Picture | None:
        """The confirmed moments of the first outcome that has any: their effects are in one unit."""
        first = next((e["outcome"] for e in self.of_state(State.CONFIRMED)), None)
        drawn = [e for e in self.of_state(State.CONFIRMED) if e["outcome"] == first][:DRAWN]
        if not drawn:
            return None
        rows = [
            {"label": sentence(situation_words(e)), "value": e["effect"], "low": e["low"], "high": e["high"],
             "n": e["exposed_n"]}
            for e in drawn
        ]  # fmt: skip
        title = _("What one episode changes: {outcome}").format(outcome=timed_outcome(drawn[0]))
        return effects(pa.Table.from_pylist(rows), unit=unit_of(drawn[0]), title=title, theme=theme, width=width)

    def as_plain(self) -> dict[str, Any]:
        return {"answer": self.answer(), "registers": list(self.found)}


def told_as(estimate: Estimate, among: Iterable[Estimate]) -> Estimate | None:
    """What was found in the same build for the same outcome and speaks of the same; None for what stands for itself."""
    told = (estimate.get("same_as"), estimate["outcome"], estimate["version"])
    return next((one for one in among if (one["id"], one["outcome"], one["version"]) == told), None)


def is_harm(estimate: Estimate) -> bool:
    """Whether its whole interval lies on the side that the organisation does not want."""
    if Outcome(estimate["outcome"]).more_is_better:
        return estimate["high"] is not None and estimate["high"] < 0
    return estimate["low"] is not None and estimate["low"] > 0


def _note() -> str:
    return _(
        "Episodes and customers: those of the half of the customers on which findings are confirmed. A moment is "
        "confirmed for one outcome; for another it may not be."
    )


_SCHEMA = pa.schema(
    {
        **dict.fromkeys(("situation", "outcome", "state", "change"), pa.string()),
        "n": pa.int64(), "customers": pa.int64(), "touchpoint": pa.string(), "journey_type": pa.string(),
        **dict.fromkeys(("effect", "low", "high"), pa.float64()), "unit": pa.string(), "horizon_days": pa.int64(),
        "id": pa.string(), "version": pa.int64(),
    }
)  # fmt: skip
