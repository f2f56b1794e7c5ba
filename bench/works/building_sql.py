"""The same journeys in SQL windows, on DuckDB.

All columns of a build that the generated log fills. Cases make the journeys; every contact that is no internal step is
either a message that waits for an answer or answers all before it, so that whose turn it is needs no loop: it is what
the latest such contact left. Joining by reason and time, promises, goals and replies to a named contact, which our
kernel also decides at every row, need a loop, and are not in this.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from bench.job import Folder, Job
from bench.works.calendar import COLUMNS, DAY_US, LIVE, REPEAT_US, calendar, contact_files

ROWS = f"""
with contacts as (
    select {", ".join(COLUMNS)}, epoch_us(occurred_at) as instant,
        direction <> 'internal' as boundary,
        direction = 'inbound' and channel not in {LIVE} as is_message,
        direction = 'outbound' or (direction = 'inbound' and channel in {LIVE}) as is_answer,
        case when direction = 'internal' then null when channel in {LIVE} then 'nobody'
             when direction = 'inbound' then 'us' else 'customer' end as turn
    from {{contacts}}
), timed as (
    select c.*, d.before + least(greatest(instant - d.opens, 0), d.closes - d.opens) as open_at
    from contacts c join '{{calendar}}' d on d.day = instant // {DAY_US}
), placed as (
    select *,
        row_number() over journey as journey_position,
        lag(touchpoint) over journey as previous_touchpoint,
        instant - lag(instant) over journey as gap,
        open_at - lag(open_at) over journey as gap_business,
        last_value(turn ignore nulls) over earlier as turn_before,
        last_value(case when boundary then instant end ignore nulls) over earlier as boundary_at,
        last_value(case when boundary then open_at end ignore nulls) over earlier as boundary_open,
        last_value(employee ignore nulls) over earlier as employee_before,
        last_value(case when boundary then channel end ignore nulls) over earlier as channel_before,
        count(*) filter (direction = 'inbound') over so_far as asked,
        min(instant) over whole as begun_at,
        lag(case when direction = 'inbound' and reason is not null then instant end) over same_question as asked_at
    from timed
    window journey as (partition by customer_key, case_id order by instant, source, position, contact_id),
        earlier as (partition by customer_key, case_id order by instant, source, position, contact_id
            rows between unbounded preceding and 1 preceding),
        so_far as (partition by customer_key, case_id order by instant, source, position, contact_id
            rows between unbounded preceding and current row),
        whole as (partition by customer_key, case_id),
        same_question as (partition by customer_key, direction, reason order by instant, source, position, contact_id)
), answered as (
    select *,
        dense_rank() over (partition by customer_key order by begun_at) as journey_no,
        first_value(case when is_answer then struct_pack(instant := instant, employee := employee, channel := channel,
            contact_id := contact_id, asked := asked) end ignore nulls) over later as answer,
        max(asked) over whole as asked_in_all
    from placed
    window later as (partition by customer_key, case_id order by instant, source, position, contact_id
            rows between 1 following and unbounded following),
        whole as (partition by customer_key, case_id)
)
select {", ".join(COLUMNS)}, journey_no, journey_position, previous_touchpoint, gap, gap_business,
    case when journey_position > 1 then coalesce(turn_before, 'nobody') end as wait_owner,
    case when boundary then instant - boundary_at end as wait,
    case when boundary then open_at - boundary_open end as wait_business,
    coalesce(instant - asked_at <= {REPEAT_US}, false) as is_repeat,
    case when is_message then answer is not null end as is_answered,
    case when is_message then make_timestamp(answer.instant) end as answered_at,
    case when is_message then answer.employee end as answered_by,
    case when is_message then answer.channel end as answered_channel,
    case when is_message then answer.contact_id end as answered_contact_id,
    case when is_message then coalesce(answer.asked, asked_in_all) - (asked - 1) end as insistence,
    coalesce(employee <> employee_before, false) as is_handover,
    coalesce(boundary and channel <> channel_before, false) as is_channel_change,
    turn, case when turn is distinct from turn_before and turn is not null then instant end as turned_at
from answered
"""

JOURNEYS = """
select customer_key, case_id, any_value(journey_no) as journey_no,
    arg_min(reason, instant) filter (reason is not null) as reason,
    make_timestamp(min(instant)) as start_at, make_timestamp(max(instant)) as end_at,
    arg_min(touchpoint, instant) as start_touchpoint, arg_max(touchpoint, instant) as end_touchpoint,
    max(instant) - min(instant) as duration, count(*) as contacts,
    count(*) filter (direction = 'internal') as internal_steps, count(*) filter (direction = 'inbound') as inbound,
    coalesce(sum(gap) filter (wait_owner = 'us'), 0) as wait_us,
    coalesce(sum(gap) filter (wait_owner = 'customer'), 0) as wait_customer,
    coalesce(sum(gap) filter (wait_owner = 'nobody'), 0) as wait_nobody,
    coalesce(sum(gap_business) filter (wait_owner = 'us'), 0) as wait_us_business,
    coalesce(sum(gap_business) filter (wait_owner = 'customer'), 0) as wait_customer_business,
    coalesce(sum(gap_business) filter (wait_owner = 'nobody'), 0) as wait_nobody_business,
    hash(string_agg(touchpoint, '>' order by instant)) as variant,
    count(*) filter (is_repeat) as repeats, count(*) filter (not is_answered) as unanswered,
    coalesce(max(insistence), 0) as insistence, count(*) filter (is_handover) as handovers,
    count(*) filter (is_channel_change) as channel_changes, count(distinct employee) as employees,
    count(distinct channel) as channels, sum(cost) as cost,
    arg_max(turn, instant) filter (turn is not null) as waiting_for,
    case when waiting_for <> 'nobody' then make_timestamp(max(turned_at)) end as waiting_since
from (select *, epoch_us(occurred_at) as instant from '{rows}')
group by customer_key, case_id
"""


def duckdb_build(folder: Folder) -> Job:
    """Rows by windows, then journeys by grouping the rows, both written as Parquet."""
    import duckdb

    files, days, output = contact_files(folder), calendar(folder), folder.output("duckdb_build")
    rows, journeys = output / "rows.parquet", output / "journeys.parquet"
    connection = duckdb.connect()
    connection.execute(
        "set enable_progress_bar = false; set threads = 2; set preserve_insertion_order = false; set TimeZone = 'UTC'; "
        f"set temp_directory = '{output}/spill'"
    )

    def run() -> dict[str, Any]:
        contacts = f"read_parquet({files}, hive_partitioning = false)"
        _copy(connection, ROWS.format(contacts=contacts, calendar=days), rows)
        _copy(connection, JOURNEYS.format(rows=rows), journeys)
        return {}

    return Job(run, lambda: checked(rows, journeys))


def checked(rows: Path, journeys: Path) -> dict[str, Any]:
    """The facts of two Parquet files of a competitor."""
    from bench.same import made

    return made(f"'{rows}'", f"'{journeys}'")


def _copy(connection: Any, sql: str, target: Path) -> None:
    written = "(format parquet, compression zstd, compression_level 1)"
    connection.execute(f"copy ({sql}) to '{target}' {written}").fetchall()
