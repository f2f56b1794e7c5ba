"""What makes a journey, and what is true of each contact in it: the one definition.

`annotate` takes contacts in `sort_order`, whole customers only, and gives them back with what their journeys
make of them, together with one row per journey (tables `journey_contact` and `journey` of `core.tables`).

**Which journey.** A contact with a case joins the journey of that case; one that answers an earlier contact
joins that contact's journey; another one joins the customer's open journey with the same reason (within 30
days of its latest contact), else their latest open journey (within 7 days), else it begins a journey. Windows
are those of the candidate's type, and a contact with a type of its own joins only journeys of that type.
A journey is open until a contact reaches or gives up its goal.

**Whose wait.** After each contact it is somebody's turn: ours while a message is unanswered or something is
promised, the customer's after we wrote, nobody's after a conversation, a third party's after a contact of
theirs. The gap before the next contact is that one's wait. Internal steps leave it as it is.

**Answers.** A message is what the customer sends over a delayed channel. It is answered by our next outbound
contact or the next conversation in the same journey, or by one that names it, from whichever journey.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tiesa.core.errors import UnsortedInput
from tiesa.core.locale import _
from tiesa.core.tables import CONTACT
from tiesa.journeys.arrow_views import NONE, buffers_of, whole_numbers_of
from tiesa.journeys.rules import Rules

if TYPE_CHECKING:
    from tiesa.journeys.pass_input import Input

sort_order = ("customer_key", "occurred_at", "source", "position", "contact_id")
"""The columns by which contacts are sorted, all ascending; texts byte by byte, as in UTF-8."""

REQUIRED = (*sort_order, "touchpoint", "channel")


def annotate(batch: pa.RecordBatch, rules: Rules) -> tuple[pa.RecordBatch, pa.RecordBatch]:
    """Contacts with their annotations, and the journeys they make.

    Args: batch: columns of table `contact` in `sort_order`, whole customers only; those of REQUIRED must be
    there, any other that is missing counts as null. Words may be plain or dictionaries; cost is in the home
    currency. rules: what makes a journey.
    Returns: the batch's own columns with the annotations of table `journey_contact` behind them; and table
    `journey`. Words that the kernel adds are dictionaries.
    Raises: UnsortedInput where a row stands behind one it should precede, or a required column is missing.

    >>> from datetime import UTC, datetime
    >>> contacts = pa.RecordBatch.from_pylist([
    ...     {"customer_key": 1, "occurred_at": datetime(2026, 3, day, 9, tzinfo=UTC), "source": "mail", "position": day,
    ...      "contact_id": f"m{day}", "touchpoint": text, "channel": "email", "direction": direction}
    ...     for day, text, direction in [(2, "question", "inbound"), (3, "answer", "outbound")]])
    >>> rows, journeys = annotate(contacts, Rules())
    >>> rows["wait_owner"].to_pylist(), rows["is_answered"].to_pylist()
    ([None, 'us'], [True, None])
    >>> journeys.select(["contacts", "duration_s", "wait_us_business_s", "waiting_for"]).to_pylist()
    [{'contacts': 2, 'duration_s': Decimal('86400.000000'), 'wait_us_business_s': Decimal('28800.000000'),
    'waiting_for': 'customer'}]
    """
    from tiesa.journeys import one_pass, pass_input, pass_names, pass_output

    _check_columns(batch)
    given = pass_input.read(batch, rules)
    rows = pass_input.rows_of(given, rules)
    _check_order(given)
    marks, totals = pass_output.room_for_marks(batch.num_rows), pass_output.room_for_totals(batch.num_rows)
    desk = pass_input.desk_for(given, pass_names.most_contacts(rows.customer))
    journeys = one_pass.run(desk, rows, pass_input.tables_of(given, rules), marks, totals)
    return pass_output.annotated(given, marks, totals, journeys), pass_output.journeys_of(given, totals, journeys)


def whole_customers(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The same rows, cut at customer borders: the last customer of each batch waits for the next one.

    Args: batches: rows sorted by customer_key. Returns: batches that hold whole customers, none of them empty.
    """
    waiting: list[pa.RecordBatch] = []
    for batch in batches:
        if not batch.num_rows:
            continue
        keys = batch.column("customer_key").to_numpy()
        if waiting and waiting[-1].column("customer_key")[-1].as_py() != keys[0]:
            yield pa.concat_batches(waiting)
            waiting = []
        border = int(np.searchsorted(keys, keys[-1]))
        if border:
            yield pa.concat_batches([*waiting, batch.slice(0, border)])
            waiting = []
        waiting.append(batch.slice(border))
    if waiting:
        yield pa.concat_batches(waiting)


def warm_up() -> None:
    """Compile the pass, or load it from the cache: seconds once, so that no person waits for it later."""
    schema = pa.schema([CONTACT.schema.field(name) for name in (*REQUIRED, "direction", "case_id")])
    nothing = dict.fromkeys(schema.names, "") | {
        "customer_key": 0,
        "occurred_at": 0,
        "position": 0,
        "direction": "inbound",
    }
    annotate(pa.RecordBatch.from_pylist([nothing], schema), Rules())


def _check_columns(batch: pa.RecordBatch) -> None:
    missing = [name for name in REQUIRED if name not in batch.schema.names]
    if missing:
        what = _("Contacts cannot become journeys without the columns {columns}").format(columns=", ".join(missing))
        raise UnsortedInput(what)


def _check_order(given: Input) -> None:
    from tiesa.journeys.pass_names import first_unsorted

    customer, position = (whole_numbers_of(given.column(name), pa.int64()) for name in ("customer_key", "position"))
    wrong = first_unsorted(customer, given.at, given.source.codes, position, *buffers_of(given.texts["contact_id"]))
    if wrong != NONE:
        raise UnsortedInput(
            _("Row {row} stands behind a row that it should precede").format(row=wrong),
            remedy=_("Sort by {columns}").format(columns=", ".join(sort_order)),
        )
