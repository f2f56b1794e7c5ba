"""Who does not want to be profiled: their risk is neither worked out nor learned from."""

from __future__ import annotations

from tiesa.core.enums import ConsentState
from tiesa.core.tables import PROFILING
from tiesa.journeys.view import View


def objected_to_profiling(view: View) -> frozenset[int]:
    """Customers whose latest word on profiling, by whichever way, is an objection or a consent withdrawn.

    The latest word counts, also where "now" is earlier: an objection holds from when it is known.
    """
    said = ", ".join(f"'{state.value}'" for state in (ConsentState.OBJECTED, ConsentState.WITHDRAWN))
    latest = (
        'select customer_key, state, row_number() over (partition by customer_key, channel order by "at" desc, '
        f"recorded_at desc) as n from consents where lower(trim(purpose)) = '{PROFILING}'"
    )
    rows = view.rows(f"select distinct customer_key from ({latest}) where n = 1 and state in ({said})")
    return frozenset(int(key) for (key,) in rows)
