"""What was tried to disprove a moment, on its sheet: each test with what it asks, what came out, and what that says.

Sources: negative controls: Lipsitch, Tchetgen Tchetgen & Cohen (2010), Epidemiology 21; E-value: VanderWeele & Ding
(2017), Annals of Internal Medicine 167; balance: Austin (2009), Statistics in Medicine 28.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import copysign
from typing import Any

import pyarrow as pa

from tiesa.core import formats
from tiesa.core.locale import _, ngettext
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.moments.confirm import FALSE_SHARE
from tiesa.moments.kept import Estimate, other_words, unit_of
from tiesa.moments.sheet import Part
from tiesa.pictures.charts_scales import written_change, written_difference

ALIKE = 0.1
"""A standardised difference beyond this is not alike any more."""
OFTEN = 0.8
"""Selected again in so many of the draws, a situation does not hang on a few customers."""


@dataclass(frozen=True, slots=True)
class Challenge:
    """One test. held: whether the finding held; None where it cannot be judged or says how strong, not whether."""

    name: str
    asks: str
    found: str
    held: bool | None = None
    informs: bool = False

    @property
    def verdict(self) -> str:
        if self.informs:
            return "–"
        if self.held is None:
            return _("cannot be judged")
        return _("held") if self.held else _("did not hold")


def challenges(one: Estimate) -> Part:
    """Every test, those that were not made left out."""
    tests = [
        test
        for test in (_other_half(one), _searched_half(one), _size(one), _others(one), _opinion(one), _control(one),
                     _answers(one), _balance(one), _overlap(one), _again(one), _matters(one), _hidden(one))
        if test is not None
    ]  # fmt: skip
    failed = [test for test in tests if test.held is False]
    judged = sum(test.held is not None for test in tests)
    answer = ngettext("It held in {n} of {all} test.", "It held in {n} of {all} tests.", judged).format(
        n=judged - len(failed), all=judged
    )
    if failed:
        answer += " " + _("Not: {names}.").format(names=", ".join(test.name for test in failed))
    rows = [{"test": t.name, "asks": t.asks, "found": t.found, "verdict": t.verdict} for t in tests]
    columns = (
        Shown("test", _("test"), whole=True), Shown("asks", _("what it asks"), whole=True),
        Shown("found", _("what came out"), whole=True),
        Shown("verdict", _("verdict")),
    )  # fmt: skip
    table = ShownTable("challenges", _("What was tried to disprove it"), pa.Table.from_pylist(rows), columns)
    tables = (table, *_overlap_table(one))
    return Part("challenges", _("What was tried to disprove it"), answer, (), tables)


def _other_half(one: Estimate) -> Challenge:
    return Challenge(
        _("the other half"),
        _("Does it show among customers that the search never saw?"),
        _("adjusted p {q}, over everything that was tested there").format(q=_small(one["q_value"])),
        one["q_value"] <= FALSE_SHARE,
    )


def _searched_half(one: Estimate) -> Challenge | None:
    """Whether the effect has the same sign there; older builds did not keep it."""
    same = one.get("same_before")
    if same is None:
        return None
    found = _("the same direction") if same else _("the other direction")
    asks = _("Does it point the same way among the customers that were searched?")
    return Challenge(_("the searched half"), asks, found, bool(same))


def _size(one: Estimate) -> Challenge | None:
    """Whether the whole interval lies beyond what matters."""
    size = one.get("size")
    if size is None or one["effect"] is None:
        return None
    asks = _("Is it large enough to matter, with its whole interval beyond {limit}?")
    ratio = one.get("hazard_ratio")
    if ratio:
        least = size["limit"] if ratio["value"] >= 1 else 1 / size["limit"]
        limit = _("a ratio of rates of {limit}").format(limit=formats.number(least, digits=2))
        value, low, high = (formats.number(ratio[name], digits=2) for name in ("value", "low", "high"))
        found = _("ratio of rates {value} ({low} to {high})").format(value=value, low=low, high=high)
    else:
        limit = written_difference(copysign(size["limit"], one["effect"]), unit_of(one))
        found = written_change(one["effect"], one["low"], one["high"], unit_of(one))
    return Challenge(_("size"), asks.format(limit=limit), found, bool(size["matters"]))


def _others(one: Estimate) -> Challenge | None:
    """Other explanations, one of which would stand in its place if it explained clearly more."""
    others = other_words(one)
    if not others:
        return None
    found = ngettext("more than {n} other: {others}", "more than {n} others: {others}", len(others)).format(
        n=formats.number(len(others)), others=" · ".join(others)
    )
    asks = _("Does it explain as much as other explanations do, among customers that the search never saw?")
    return Challenge(_("other explanations"), asks, found, informs=True)


def _opinion(one: Estimate) -> Challenge:
    second = one["second_opinion"]
    asks = _("Does another method, with other assumptions, say the same?")
    if second["effect"] is None:
        n = ngettext("{n} comparable contact", "{n} comparable contacts", second["controls"])
        return Challenge(_("second opinion"), asks, n.format(n=formats.number(second["controls"])))
    found = _("{change}; {n} comparable contacts").format(
        change=written_change(second["effect"], second["low"], second["high"], unit_of(one)),
        n=formats.number(second["controls"]),
    )
    agrees = None if one["effect"] is None else second["effect"] * one["effect"] > 0
    return Challenge(_("second opinion"), asks, found, agrees)


def _control(one: Estimate) -> Challenge | None:
    """Something that the situation cannot have changed, since it was before."""
    control = one.get("negative_control")
    if not control:
        return None
    what = {"contacts": _("contacts of the journey before")}
    words = what.get(control["outcome"], control["outcome"])
    asks = _("Does it seem to change what was before it ({what})? It must not.").format(what=words)
    if control["effect"] is None:
        return Challenge(_("negative control"), asks, _("cannot be judged"))
    change = written_change(control["effect"], control["low"], control["high"], "score")
    found = _("{change}, n {n}").format(change=change, n=formats.number(control["n"]))
    return Challenge(_("negative control"), asks, found, control["low"] <= 0 <= control["high"])


def _answers(one: Estimate) -> Challenge | None:
    """How many of those who were in it tell how they feel."""
    told = one.get("who_answers")
    if not told:
        return None
    found = _("{share} of {n} journeys; elsewhere {other} of {m}").format(
        share=formats.share(told["exposed"]), n=formats.number(told["exposed_n"]),
        other=formats.share(told["compared"]), m=formats.number(told["compared_n"]),
    )  # fmt: skip
    asks = _("How many say how they feel, beside comparable contacts? Where fewer do, more may be felt than is seen.")
    return Challenge(_("who answers"), asks, found, informs=True)


def _matters(one: Estimate) -> Challenge | None:
    """Whether journeys were joined too widely."""
    told = one.get("several_matters")
    if not told:
        return None
    found = _("in {share} ({interval}) of {n} episodes customers had named more than one reason").format(
        share=formats.share(told["share"]),
        interval=formats.between(formats.share(told["low"]), formats.share(told["high"])),
        n=formats.number(told["known"]),
    )
    asks = _(
        "Are its journeys about one matter? Where several were joined, counts go over all of them, and the effect "
        "looks smaller than it is."
    )
    return Challenge(_("one matter"), asks, found, informs=True)


def _balance(one: Estimate) -> Challenge | None:
    second = one["second_opinion"]
    balance = one.get("balance") or {
        "before": second["largest_difference_before"], "after": second["largest_difference_after"],
    }  # fmt: skip
    if balance["before"] is None or balance["after"] is None:
        return None
    found = _("largest standardised difference {before} before weighting, {after} after").format(
        before=formats.number(balance["before"], digits=2), after=formats.number(balance["after"], digits=2)
    )
    asks = _("Are those compared alike in everything that was known before?")
    return Challenge(_("balance"), asks, found, balance["after"] <= ALIKE)


def _overlap(one: Estimate) -> Challenge | None:
    second = one["second_opinion"]
    if second["effect"] is None:
        return None
    found = _("{share} were all but certain to be in it; the controls are worth {n}").format(
        share=formats.share(second["all_but_certain"]), n=formats.number(second["effective_controls"])
    )
    asks = _("Is there somebody comparable for each?")
    return Challenge(_("overlap"), asks, found, informs=True)


def _again(one: Estimate) -> Challenge | None:
    """Half-samples of the customers, each searched anew."""
    stability = one.get("stability")
    if not stability:
        return None
    found = _("selected again in {share} of {n} draws").format(
        share=formats.share(stability["selected_again"]), n=formats.number(stability["draws"])
    )
    asks = _("Is it found again among half of the customers?")
    return Challenge(_("half-samples"), asks, found, stability["selected_again"] >= OFTEN)


def _hidden(one: Estimate) -> Challenge | None:
    e_value = one.get("e_value") or {}
    if e_value.get("value") is None:
        return None
    found = _("it would have to go with both at a ratio of {value}; {bound} would touch the interval").format(
        value=formats.number(e_value["value"], digits=1), bound=formats.number(e_value["bound"], digits=1)
    )
    asks = _("How strong would a hidden cause have to be to make it up (E-value)?")
    return Challenge(_("hidden cause"), asks, found, informs=True)


def _overlap_table(one: Estimate) -> tuple[ShownTable, ...]:
    overlap: Mapping[str, Any] | None = one.get("overlap")
    if not overlap:
        return ()
    rows = [
        {"chance": f"{10 * i}–{10 * (i + 1)} %", "exposed": exposed, "compared": compared}
        for i, (exposed, compared) in enumerate(zip(overlap["exposed"], overlap["compared"], strict=True))
    ]
    columns = (
        Shown("chance", _("chance of being in it"), whole=True),
        Shown("exposed", _("of its episodes"), Kind.SHARE),
        Shown("compared", _("of those compared"), Kind.SHARE),
    )
    return (ShownTable("overlap", _("How alike those compared are"), pa.Table.from_pylist(rows), columns),)


def limits(one: Estimate) -> Part:
    """What the sheet cannot say."""
    said = [
        _("A cause that is in no column of the data can make up an effect; the E-value says how strong it would be."),
        _("The estimate holds for these customers, products and years; elsewhere it may differ."),
        _("The factor is taken as constant over the whole time, and the same for everybody but for the parts above."),
    ]
    if one["state"] != "confirmed":
        said.insert(0, _("It is not confirmed: decide nothing by this sheet alone."))
    if len(one["condition"]["all"]) > 1:
        said.append(_("All its conditions hold together; no condition alone was shown to do it."))
    return Part("limits", _("Limits"), _("What this sheet cannot say"), tuple(said))


def _small(p: float) -> str:
    return _("below 0.001") if p < 0.001 else formats.number(p, digits=3)
