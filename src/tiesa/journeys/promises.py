"""What was promised to a customer by a time, and whether we came back to them in time."""

from __future__ import annotations

from tiesa.journeys.view import View


def promises_sql(view: View) -> str:
    """SQL: one row per contact that promised something: its journey, touchpoint, `occurred_at`, `promised_at`, `kept`.

    Kept: after it, and at the latest at `promised_at`, somebody turned to the customer on our side (an outbound
    contact, of ours or of a partner who acts for us), or the goal of the journey was reached. Null: not due yet. What
    was said in that contact is not known.
    """
    return (
        "select p.customer_key, p.journey_no, p.touchpoint, p.occurred_at, p.promised_at, case when coalesce(bool_or("
        "a.instant <= p.promised_at), false) then true "
        f"when p.promised_at < {view.now_sql} then false end as kept, min(a.instant) as done_at from (select * from "
        "rows where "
        "promised_at is not null and promised_at >= occurred_at) p left join (select customer_key, journey_no, "
        "occurred_at as instant, journey_position as place from rows where direction = 'outbound' union all select "
        "customer_key, journey_no, "
        "goal_at, 2147483647 from journeys where goal_state = 'reached') a on a.customer_key = p.customer_key and "
        "a.journey_no = p.journey_no and a.place > p.journey_position and a.instant >= p.occurred_at "
        "group by p.customer_key, p.journey_no, p.touchpoint, p.occurred_at, p.promised_at, p.journey_position"
    )
