"""The same journeys with Polars, its streaming engine where it streams: see `building_sql` for what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.job import Folder, Job
from bench.works.building_sql import checked
from bench.works.calendar import COLUMNS, DAY_US, LIVE, ORDER, REPEAT_US, calendar, contact_files

if TYPE_CHECKING:
    import polars as pl

MADE = (
    "journey_no", "journey_position", "previous_touchpoint", "gap", "gap_business", "wait_owner", "wait",
    "wait_business", "is_repeat", "is_answered", "answered_at", "answered_by", "answered_channel",
    "answered_contact_id", "insistence", "is_handover", "is_channel_change", "turn", "turned_at",
)  # fmt: skip


def polars_build(folder: Folder) -> Job:
    """Rows by look-ups in sorted journeys, then journeys by grouping the rows, both written as Parquet."""
    import polars as pl

    files, days, output = contact_files(folder), calendar(folder), folder.output("polars_build")
    rows, journeys = output / "rows.parquet", output / "journeys.parquet"

    def run() -> dict[str, Any]:
        contacts = pl.scan_parquet(files, hive_partitioning=False).select(COLUMNS)
        annotated(contacts, pl.scan_parquet(days)).sink_parquet(rows, compression="zstd", compression_level=1)
        grouped(pl.scan_parquet(rows)).sink_parquet(journeys, compression="zstd", compression_level=1)
        return {}

    return Job(run, lambda: checked(rows, journeys))


def annotated(contacts: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    """Every contact with what its journey makes of it, journey by journey.

    The contacts of a journey stand together, so that its windows are places in the table: filled forward, held against
    the place where the journey begins, and looked up. The same with `over` takes several times as long.
    """
    import polars as pl

    at, open_at, channel, place = pl.col("at"), pl.col("open_at"), pl.col("channel"), pl.col("place")
    inbound, boundary = pl.col("direction") == "inbound", pl.col("direction") != "internal"
    live = channel.is_in(LIVE)
    is_answer = boundary & ~(inbound & ~live)
    turn = pl.when(live).then(pl.lit("nobody")).when(inbound).then(pl.lit("us")).otherwise(pl.lit("customer"))
    asks = inbound & pl.col("reason").is_not_null()

    def changes(*names: str) -> pl.Expr:
        return pl.any_horizontal(pl.col(name).ne_missing(pl.col(name).shift()) for name in names)

    timed = (
        contacts.with_columns(at=pl.col("occurred_at").to_physical(), day=pl.col("occurred_at").to_physical() // DAY_US)
        .join(days, on="day")
        .with_columns(open_at=pl.col("before") + (at - pl.col("opens")).clip(0, pl.col("closes") - pl.col("opens")))
        .with_columns(turn=pl.when(boundary).then(turn), is_message=boundary & ~is_answer)
        .sort("customer_key", "reason", "direction", *ORDER)
        .with_columns(is_repeat=asks & ~changes("customer_key", "reason", "direction") & (at - at.shift() <= REPEAT_US))
        .with_columns(pl.col("is_repeat").fill_null(value=False))
        .sort("customer_key", "case_id", *ORDER)
        .with_columns(place=pl.int_range(pl.len()), begins=changes("customer_key", "case_id"))
        .with_columns(
            start=pl.when(pl.col("begins")).then(place).forward_fill(),
            end=pl.when(pl.col("begins").shift(-1).fill_null(value=True)).then(place).backward_fill(),
            asked=inbound.cast(pl.Int32).cum_sum(),
        )
    )

    def latest(known: pl.Expr) -> pl.Expr:
        """The place of the latest contact of the journey before this one of which something is known."""
        found = pl.when(known).then(place).forward_fill().shift()
        return pl.when(found >= pl.col("start")).then(found)

    next_answer = pl.when(is_answer).then(place).backward_fill().shift(-1)
    placed = timed.with_columns(
        begun=at.gather(pl.col("start")),
        previous=pl.when(~pl.col("begins")).then(place - 1),
        turn_place=latest(pl.col("turn").is_not_null()),
        employee_place=latest(pl.col("employee").is_not_null()),
        answer=pl.when(pl.col("is_message") & (next_answer <= pl.col("end"))).then(next_answer),
    )

    def there(value: pl.Expr, where: str) -> pl.Expr:
        return value.gather(pl.col(where))

    turn_before = there(pl.col("turn"), "turn_place")
    asked_until = there(pl.col("asked"), "answer").fill_null(there(pl.col("asked"), "end"))
    return placed.with_columns(
        journey_no=pl.col("begun").rank("dense").over("customer_key"),
        journey_position=place - pl.col("start") + 1,
        previous_touchpoint=there(pl.col("touchpoint"), "previous"),
        gap=at - there(at, "previous"),
        gap_business=open_at - there(open_at, "previous"),
        wait_owner=pl.when(~pl.col("begins")).then(turn_before.fill_null("nobody")),
        wait=pl.when(boundary).then(at - there(at, "turn_place")),
        wait_business=pl.when(boundary).then(open_at - there(open_at, "turn_place")),
        is_handover=(pl.col("employee") != there(pl.col("employee"), "employee_place")).fill_null(value=False),
        is_channel_change=(boundary & (channel != there(channel, "turn_place"))).fill_null(value=False),
        is_answered=pl.when(pl.col("is_message")).then(pl.col("answer").is_not_null()),
        answered_at=there(pl.col("occurred_at"), "answer"),
        answered_by=there(pl.col("employee"), "answer"),
        answered_channel=there(channel, "answer"),
        answered_contact_id=there(pl.col("contact_id"), "answer"),
        insistence=pl.when(pl.col("is_message")).then(asked_until - pl.col("asked") + 1),
        turned_at=pl.when(pl.col("turn").is_not_null() & pl.col("turn").ne_missing(turn_before)).then(
            pl.col("occurred_at")
        ),
    ).select(*COLUMNS, *MADE)


def grouped(rows: pl.LazyFrame) -> pl.LazyFrame:
    """One row per journey; the contacts of each stand together and in order."""
    import polars as pl

    at, touchpoint, turn = pl.col("occurred_at"), pl.col("touchpoint"), pl.col("turn").drop_nulls().last()
    owned = {
        f"wait_{owner}{suffix}": pl.col(f"gap{suffix}").filter(pl.col("wait_owner") == owner).sum()
        for owner in ("us", "customer", "nobody")
        for suffix in ("", "_business")
    }
    return rows.group_by("customer_key", "case_id").agg(
        journey_no=pl.col("journey_no").first(),
        reason=pl.col("reason").drop_nulls().first(),
        start_at=at.first(),
        end_at=at.last(),
        start_touchpoint=touchpoint.first(),
        end_touchpoint=touchpoint.last(),
        duration=pl.col("gap").sum(),
        contacts=pl.len(),
        internal_steps=(pl.col("direction") == "internal").sum(),
        inbound=(pl.col("direction") == "inbound").sum(),
        **owned,
        variant=touchpoint.str.join(">").first().hash(),
        repeats=pl.col("is_repeat").sum(),
        unanswered=(~pl.col("is_answered")).sum(),
        insistence=pl.col("insistence").max().fill_null(0),
        handovers=pl.col("is_handover").sum(),
        channel_changes=pl.col("is_channel_change").sum(),
        employees=pl.col("employee").n_unique(),
        channels=pl.col("channel").n_unique(),
        cost=pl.col("cost").sum(),
        waiting_for=turn,
        waiting_since=pl.when(turn != "nobody").then(pl.col("turned_at").drop_nulls().last()),
    )
