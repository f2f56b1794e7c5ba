"""The report as one HTML file: no script, nothing fetched, readable on a phone and on paper."""

from __future__ import annotations

from html import escape

from tiesa.core.locale import _
from tiesa.journeys.ladder import Ladder
from tiesa.pictures.tables import html_table
from tiesa.reports.page import page, stylesheet
from tiesa.reports.picture_file import figure
from tiesa.reports.report import Report, Section


def report_html(report: Report) -> str:
    """The whole report as HTML text."""
    tag = f' <span class="tag made-up">{escape(_("made-up company"))}</span>' if report.made_up else ""
    parts = [
        f'<p class="eyebrow">{escape(report.title)}{tag}</p>',
        f"<h1>{escape(report.headline)}</h1>",
        f'<p class="lead">{escape(report.lead)}</p>' if report.lead else "",
        f'<p class="eyebrow">{escape(report.facts)}</p>',
        *(f'<p class="note">{escape(note)}</p>' for note in report.notes),
        _tiles(report),
        *(
            _card(f"map-{n}", f"{_('The journey as it was lived')}: {one.title}", one.answer, figure(one), one.note)
            for n, one in enumerate(report.maps, 1)
        ),
        *map(_section, report.sections),
        _card("ways", _("The ways journeys go"), report.ways.answer, figure(report.ways)) if report.ways else "",
        _ladder(report.ladder) if report.ladder else "",
        f"<footer><p>{escape(report.facts)}</p><p>{escape(made_by())}</p></footer>",
    ]
    return page(report.title, "\n".join(part for part in parts if part), style=stylesheet("report.css"))


def made_by() -> str:
    return _(
        "Made with Tiesa on this machine; nothing was sent anywhere. A figure stands with its n and its 95 % interval."
    )


def _tiles(report: Report) -> str:
    if not any(section.number for section in report.sections):
        return ""
    tiles = "".join(_tile(s, is_first=s.anchor == report.first) for s in report.sections if s.number)
    return f'<ul class="tiles" aria-label="{escape(_("The six questions"))}">{tiles}</ul>'


def _tile(section: Section, *, is_first: bool) -> str:
    kind = "urgent" if section.urgent and section.judged else "" if section.judged else "unknown"
    words = _("Look here first") if is_first else _("Needs attention")
    look = f'<span class="look">{escape(words)}</span>' if kind == "urgent" else ""
    return (
        f'<li><a href="#{section.anchor}" class="{kind}"><b>{section.number}</b>'
        f'<span class="q">{escape(section.question)}</span>'
        f'<span class="a">{escape(section.answer)}</span>{look}</a></li>'
    )


def _section(section: Section) -> str:
    number = f"<span>{section.number}</span>" if section.number else ""
    head = f'<div class="q-head">{number}<h2>{escape(section.question)}</h2></div>'
    parts = [head, f'<p class="answer">{escape(section.answer)}</p>']
    if section.findings:
        parts.append('<ul class="findings">' + "".join(f"<li>{escape(f)}</li>" for f in section.findings) + "</ul>")
    if section.missing:
        parts.append(f'<p class="note">{escape(_("It would take: {column}.").format(column=section.missing))}</p>')
    if section.picture:
        parts.append(figure(section.picture))
    if section.over_time:
        parts.append(figure(section.over_time))
    parts += [f'<div class="scroll" tabindex="0">{html_table(table)}</div>' for table in section.tables]
    if section.judged and section.method:
        parts.append(
            f"<details><summary>{escape(_('How this was made'))}</summary><p>{escape(section.method)}</p></details>"
        )
    return f'<section class="card" id="{section.anchor}">{"".join(parts)}</section>'


def _card(anchor: str, heading: str, answer: str, inside: str, note: str = "") -> str:
    inside += f'<p class="note">{escape(note)}</p>' if note else ""
    return (
        f'<section class="card" id="{anchor}"><div class="q-head"><h2>{escape(heading)}</h2></div>'
        f'<p class="answer">{escape(answer)}</p>{inside}</section>'
    )


def _ladder(ladder: Ladder) -> str:
    rungs = "".join(
        f'<li class="{"" if rung.reached else "no"}"><b aria-hidden="true">{"✓" if rung.reached else "·"}</b><span><b>'
        f"{escape(rung.needs)}</b> → {escape(rung.gives)}"
        + (
            ""
            if rung.reached
            else " <em>" + escape(_("missing: {columns}").format(columns=", ".join(rung.lacking))) + "</em>"
        )
        + "</span></li>"
        for rung in ladder.rungs
    )
    return _card("ladder", _("What these data can tell"), ladder.answer(), f'<ol class="ladder">{rungs}</ol>')
