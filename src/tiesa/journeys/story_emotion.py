"""What one customer felt over their story: the picture and the table of every emotion that is known."""

from __future__ import annotations

import pyarrow as pa

from tiesa.core.locale import _
from tiesa.core.shown import Kind, Shown, ShownTable
from tiesa.journeys.changes import marks_of
from tiesa.journeys.story import Story
from tiesa.pictures.charts_feelings import feelings, source_words
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.palette import LIGHT, Theme

_SCHEMA = pa.schema(
    {
        "at": pa.timestamp("us", tz="UTC"),
        "what": pa.string(),
        "value": pa.float64(),
        "label": pa.string(),
        "source": pa.string(),
        "known": pa.string(),
        "confidence": pa.float64(),
        "run": pa.int64(),
    }
)


def emotion_picture(story: Story, *, theme: Theme = LIGHT, width: int = 640) -> Picture:
    """The emotions of a story over its time, with what the organisation changed meanwhile."""
    steps = story.steps
    return feelings(
        _felt(story), since=steps[0].facts["occurred_at"], until=steps[-1].facts["occurred_at"], of=len(steps),
        annotations=marks_of(story.changes), theme=theme, width=width,
    )  # fmt: skip


def emotion_table(story: Story) -> ShownTable:
    """The same as a table, the latest first; a reading from words says how sure it is."""
    columns = (
        Shown("at", _("when (UTC)"), Kind.INSTANT),
        Shown("what", _("touchpoint")),
        Shown("value", _("emotion, −1 to +1"), Kind.SCORE),
        Shown("label", _("named")),
        Shown("known", _("how it is known")),
        Shown("confidence", _("how sure"), Kind.SHARE),
    )
    data = _felt(story)
    return ShownTable("emotions", _("What they felt"), data.take(pa.array(range(len(data) - 1, -1, -1))), columns)


def _felt(story: Story) -> pa.Table:
    rows = [
        {
            "at": facts["occurred_at"], "what": facts["touchpoint"], "value": facts["emotion"],
            "label": facts["emotion_label"], "source": facts["emotion_source"],
            "known": source_words(facts["emotion_source"]), "confidence": facts["emotion_confidence"],
            "run": facts["journey_no"],
        }
        for facts in (step.facts for step in story.felt)
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, _SCHEMA)
