"""What the journey map says: labels, legend, footer and the whole as a paragraph for those who do not see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from tiesa.core.enums import WaitOwner
from tiesa.core.formats import between, interval, length, moment, number, share
from tiesa.core.locale import _, ngettext
from tiesa.pictures.journey_map_layout import strongest

if TYPE_CHECKING:
    from tiesa.pictures.journey_map import Feeling, Flag, Flow, JourneyMap, Wait


def owner_words(owner: str) -> str:
    """Whose wait it is."""
    words: dict[str, str] = {
        WaitOwner.US: _("wait for us"),
        WaitOwner.CUSTOMER: _("customer takes time"),
        WaitOwner.THIRD_PARTY: _("wait for a third party"),
        WaitOwner.NOBODY: _("nobody's wait"),
    }
    return words.get(owner) or _("unknown whose wait")


def together(figure: str) -> str:
    """A figure with its unit, so that no line ends between them."""
    return figure.replace(" ", "\u00a0")


def counted(n: int) -> str:
    """How many a figure rests on."""
    return together(_("n {n}").format(n=number(n)))


def wait_interval(wait: Wait) -> str:
    """The interval of the median and n, or that there are too few for one."""
    if wait.low_s is None or wait.high_s is None:
        return _("{n}, too few for an interval").format(n=counted(wait.n))
    bounds = together(between(length(wait.low_s), length(wait.high_s)))
    return _("{interval}, {n}").format(interval=bounds, n=counted(wait.n))


def wait_course(map: JourneyMap, wait: Wait) -> str:
    """Where the wait ends, said only where it is not the next stage."""
    if wait.to_stage == wait.after_stage + 1:
        return ""
    if wait.to_stage == wait.after_stage:
        return _("within the stage")
    if wait.to_stage < wait.after_stage:
        return _("back to {stage}").format(stage=map.stages[wait.to_stage])
    return _("until {stage}").format(stage=map.stages[wait.to_stage])


def wait_standard(wait: Wait) -> list[str]:
    """The standard and how often it was kept; nothing where there is none."""
    if wait.standard_s is None:
        return []
    said = [_("standard {length}").format(length=together(length(wait.standard_s)))]
    if wait.kept is not None and wait.kept.value is not None:
        bounds = together(interval(wait.kept.interval))
        kept = _("kept {share} ({interval})").format(share=together(share(wait.kept.value)), interval=bounds)
        said.append(kept if wait.kept.n == wait.n else f"{kept}, {counted(wait.kept.n)}")
    return said


def feeling_figure(feeling: Feeling) -> tuple[str, str]:
    """The mean with its half-width, or with its bounds where they are not even; and n."""
    if feeling.n is None:
        return _("withheld"), _("for privacy")
    count = counted(feeling.n)
    if feeling.low is None or feeling.high is None:
        return _("too few to judge"), count
    mean = number(feeling.mean, digits=2, sign=True)
    below, above = (number(abs(bound - feeling.mean), digits=2) for bound in (feeling.low, feeling.high))
    if below == above:
        return _("{mean} ± {half}").format(mean=mean, half=above), count
    low, high = (number(bound, digits=2, sign=True) for bound in (feeling.low, feeling.high))
    return mean, _("{low} to {high}").format(low=low, high=high) + f", {count}"


def not_drawn(map: JourneyMap, *, flows: Sequence[Flow], waits: Sequence[Wait]) -> list[str]:
    """What the picture leaves out, given what it draws."""
    said = [map.hidden] if map.hidden else []
    ahead = [flow for flow in map.flows if flow.to_stage > flow.from_stage]
    fewer = sum(flow.n for flow in ahead) - sum(flow.n for flow in flows)
    if fewer > 0:
        said.append(
            ngettext(
                "{n} rarer move to a later stage is only in the table.",
                "{n} rarer moves to a later stage are only in the table.",
                fewer,
            ).format(n=number(fewer))
        )
    missing = len(map.waits) - len(waits)
    if missing:
        said.append(
            ngettext("{n} rarer wait is only in the table.", "{n} rarer waits are only in the table.", missing).format(
                n=number(missing)
            )
        )
    return said


def footer(map: JourneyMap) -> list[str]:
    """How much it rests on, as of when, and whether the company is made up."""
    said = [
        ngettext("{n} customer", "{n} customers", map.customers).format(n=number(map.customers)),
        ngettext("{n} journey", "{n} journeys", map.journeys).format(n=number(map.journeys)),
        ngettext("{n} contact", "{n} contacts", map.contacts).format(n=number(map.contacts)),
        _("as of {moment}").format(moment=moment(map.as_of)),
    ]
    return [*said, _("made-up company")] if map.made_up else said


def nothing_to_draw() -> str:
    """What an empty map says."""
    return _("No contacts of this journey in this selection: nothing to draw.")


def emotion_unmeasured() -> str:
    """What stands where no stage has a measured emotion."""
    return _("Emotion is not measured in any stage of this journey.")


def kept_in_stage(map: JourneyMap) -> dict[int, int]:
    """Moves from a contact to the next in the same stage, by stage."""
    return _sums((flow.from_stage, flow.n) for flow in map.flows if flow.to_stage == flow.from_stage)


def gone_back(map: JourneyMap) -> dict[int, int]:
    """Moves back to an earlier stage, by the stage they leave."""
    return _sums((flow.from_stage, flow.n) for flow in map.flows if flow.to_stage < flow.from_stage)


def bubble_words(map: JourneyMap, stage: int, lane: int, contacts: int) -> str:
    """A bubble in words, as its tooltip says it."""
    count = ngettext("{n} contact", "{n} contacts", contacts).format(n=number(contacts))
    return _("{stage}, {lane}: {contacts}").format(stage=map.stages[stage], lane=map.lanes[lane], contacts=count)


def flow_words(map: JourneyMap, flow: Flow) -> str:
    """A flow in words."""
    return _("{stage}, {lane}, then {to_stage}, {to_lane}: {moves} ({owner})").format(
        stage=map.stages[flow.from_stage],
        lane=map.lanes[flow.from_lane],
        to_stage=map.stages[flow.to_stage],
        to_lane=map.lanes[flow.to_lane],
        moves=ngettext("{n} move", "{n} moves", flow.n).format(n=number(flow.n)),
        owner=owner_words(flow.owner),
    )


def wait_words(map: JourneyMap, wait: Wait) -> str:
    """A wait in words."""
    said = _("{stage} to {to_stage}, {owner}: median {length} ({interval})").format(
        stage=map.stages[wait.after_stage],
        to_stage=map.stages[wait.to_stage],
        owner=owner_words(wait.owner),
        length=length(wait.median_s),
        interval=wait_interval(wait),
    )
    return ", ".join([said, *wait_standard(wait)])


def flag_words(map: JourneyMap, flag: Flag) -> str:
    """A moment of truth in words."""
    place = map.stages[flag.stage] if flag.lane is None else f"{map.stages[flag.stage]}, {map.lanes[flag.lane]}"
    return _("Moment of truth at {place}: {title} ({detail})").format(place=place, title=flag.title, detail=flag.detail)


def in_words(map: JourneyMap) -> str:
    """The whole map as one paragraph, stage by stage, in the running language."""
    said = [map.answer, map.note]
    if map.is_empty:
        said.append(nothing_to_draw())
    feelings, stays, back = {f.stage: f for f in map.feelings}, kept_in_stage(map), gone_back(map)
    for stage, name in enumerate(map.stages if not map.is_empty else ()):
        lanes = ", ".join(
            f"{map.lanes[b.lane]} {number(b.contacts)}"
            for b in sorted(map.bubbles, key=lambda b: b.lane)
            if b.stage == stage
        )
        parts = [lanes or _("no contacts")]
        if stage in stays:
            parts.append(_("again in the stage {n}").format(n=number(stays[stage])))
        if stage in back:
            parts.append(_("back to an earlier stage {n}").format(n=number(back[stage])))
        if stage in feelings:
            parts.append(_("emotion {figure}").format(figure=", ".join(feeling_figure(feelings[stage]))))
        else:
            parts.append(_("emotion not measured"))
        said.append(_("{stage}: {what}").format(stage=name, what="; ".join(parts)))
    said += [flow_words(map, flow) for flow in strongest(map.flows)]
    said += [wait_words(map, wait) for wait in map.waits]
    said += [flag_words(map, flag) for flag in map.flags]
    said += [map.hidden, " · ".join(footer(map))]
    return " ".join(sentence if sentence[-1] in ".!?…" else sentence + "." for sentence in said if sentence.strip())


def _sums(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    sums: dict[int, int] = {}
    for stage, n in pairs:
        sums[stage] = sums.get(stage, 0) + n
    return sums
