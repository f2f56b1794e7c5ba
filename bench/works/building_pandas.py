"""The same journeys with pandas, all in memory: see `building_sql` for what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.job import Folder, Job
from bench.works.building_sql import checked
from bench.works.calendar import COLUMNS, DAY_US, LIVE, ORDER, REPEAT_US, calendar, contact_files

if TYPE_CHECKING:
    import pandas as pd

WORDS = ("touchpoint", "channel", "direction", "reason", "employee", "source")


def pandas_build(folder: Folder) -> Job:
    """Rows by shifts over sorted journeys, then journeys by grouping the rows, both written as Parquet."""
    import pandas as pd
    import pyarrow.dataset as ds

    files, days, output = contact_files(folder), calendar(folder), folder.output("pandas_build")
    rows, journeys = output / "rows.parquet", output / "journeys.parquet"

    def run() -> dict[str, Any]:
        # Words as categories: what somebody who knows pandas would do with so many rows.
        table = ds.dataset(files, format=ds.ParquetFileFormat(dictionary_columns=set(WORDS))).to_table(list(COLUMNS))
        cost = table.schema.get_field_index("cost")  # a decimal would become a Python object a row
        table = table.set_column(cost, "cost", table["cost"].cast("float64"))
        contacts = table.to_pandas(split_blocks=True, self_destruct=True)
        del table
        made = annotated(contacts, pd.read_parquet(days))
        made.drop(columns="journey").to_parquet(rows, compression="zstd", index=False)
        grouped(made).to_parquet(journeys, compression="zstd", index=False)
        return {}

    return Job(run, lambda: checked(rows, journeys))


def annotated(contacts: pd.DataFrame, days: pd.DataFrame) -> pd.DataFrame:
    """Every contact with what its journey makes of it, journey by journey."""
    import numpy as np
    import pandas as pd

    rows = contacts.sort_values(["customer_key", *ORDER], ignore_index=True)
    at = rows["occurred_at"].astype("int64")
    inbound = rows["direction"] == "inbound"
    asks = inbound & rows["reason"].notna()
    earlier = at[asks].groupby([rows["customer_key"][asks], rows["reason"][asks]], observed=True).shift()
    rows["is_repeat"] = (at[asks] - earlier <= REPEAT_US).reindex(rows.index, fill_value=False)
    first_of = at.groupby([rows["customer_key"], rows["case_id"]]).transform("first")
    rows["journey_no"] = first_of.groupby(rows["customer_key"]).rank("dense").astype("int32")

    rows = rows.sort_values(["customer_key", "journey_no"], kind="stable", ignore_index=True)
    at = rows["occurred_at"].astype("int64")
    day = (at // DAY_US - days["day"].iloc[0]).to_numpy()
    opens, closes, open_before = (days[name].to_numpy()[day] for name in ("opens", "closes", "before"))
    open_at = pd.Series(open_before + np.clip(at - opens, 0, closes - opens), rows.index)
    keys = rows[["customer_key", "journey_no"]]
    begins = (keys != keys.shift()).any(axis=1)
    journey = begins.cumsum()
    inbound, boundary = rows["direction"] == "inbound", rows["direction"] != "internal"
    live = rows["channel"].isin(LIVE)
    is_message = inbound & ~live
    is_answer = boundary & ~is_message

    def in_journey(values: pd.Series) -> Any:
        return values.groupby(journey)

    def before(values: pd.Series) -> pd.Series:
        """The latest value that is known before this contact."""
        return in_journey(in_journey(values).ffill()).shift()

    place = pd.Series(np.arange(len(rows), dtype="float64"), rows.index)
    answer = in_journey(in_journey(place.where(is_answer)).bfill()).shift(-1).where(is_message)
    answering = answer.fillna(0).astype("int64").to_numpy()
    has_answer = answer.notna()
    asked = in_journey(inbound.astype("int32")).cumsum()
    asked_in_all = in_journey(asked).transform("last")

    def answers(values: pd.Series) -> pd.Series:
        """A value of the contact that answers."""
        return pd.Series(values.array[answering], rows.index).where(has_answer)

    turns = np.where(live, 2, np.where(inbound, 0, 1))
    turn = pd.Series(turns, rows.index, dtype="float64").where(boundary)
    turn_before = before(turn)
    owners = pd.CategoricalDtype(["us", "customer", "nobody"])

    def named(codes: pd.Series) -> pd.Series:
        return pd.Series(pd.Categorical.from_codes(codes.fillna(-1).astype("int8"), dtype=owners), rows.index)

    position = in_journey(at).cumcount() + 1
    employee, channel = rows["employee"].cat.codes.replace(-1, np.nan), rows["channel"].cat.codes.astype("float64")
    employee_before, channel_before = before(employee), before(channel.where(boundary))
    return rows.assign(
        journey=journey,
        journey_position=position,
        previous_touchpoint=rows["touchpoint"].shift().where(~begins),
        gap=at.diff().where(~begins),
        gap_business=open_at.diff().where(~begins),
        wait_owner=named(turn_before.fillna(2).where(~begins)),
        wait=(at - before(at.where(boundary))).where(boundary),
        wait_business=(open_at - before(open_at.where(boundary))).where(boundary),
        is_answered=has_answer.astype("boolean").where(is_message),
        answered_at=answers(rows["occurred_at"]),
        answered_by=answers(rows["employee"]),
        answered_channel=answers(rows["channel"]),
        answered_contact_id=answers(rows["contact_id"]),
        insistence=(answers(asked).fillna(asked_in_all) - asked + 1).where(is_message),
        is_handover=employee.notna() & employee_before.notna() & (employee != employee_before),
        is_channel_change=boundary & channel_before.notna() & (channel != channel_before),
        turn=named(turn),
        turned_at=rows["occurred_at"].where(turn.notna() & (turn_before.isna() | (turn != turn_before))),
    )


def grouped(rows: pd.DataFrame) -> pd.DataFrame:
    """One row per journey; the contacts of each stand together and in order."""
    import pandas as pd

    by = rows["journey"]
    journeys = rows.groupby(by)

    def counted(flags: pd.Series) -> pd.Series:
        return flags.fillna(value=False).astype("int32").groupby(by).sum()

    def different(column: str) -> pd.Series:
        pairs = pd.DataFrame({"journey": by, "value": rows[column].cat.codes})
        return pairs[pairs["value"] >= 0].drop_duplicates().groupby("journey").size().reindex(start.index, fill_value=0)

    start, end = journeys["occurred_at"].first(), journeys["occurred_at"].last()
    owned = {
        f"wait_{owner}{suffix}": rows[f"gap{suffix}"].where(rows["wait_owner"] == owner, 0.0).groupby(by).sum()
        for owner in ("us", "customer", "nobody")
        for suffix in ("", "_business")
    }
    waiting_for = journeys["turn"].last()
    hundredths = (rows["cost"] * 100).round()
    return pd.DataFrame(
        {
            "customer_key": journeys["customer_key"].first(),
            "case_id": journeys["case_id"].first(),
            "journey_no": journeys["journey_no"].first(),
            "reason": journeys["reason"].first(),
            "start_at": start,
            "end_at": end,
            "start_touchpoint": journeys["touchpoint"].first(),
            "end_touchpoint": journeys["touchpoint"].last(),
            "duration": end.astype("int64") - start.astype("int64"),
            "contacts": journeys.size(),
            "internal_steps": counted(rows["direction"] == "internal"),
            "inbound": counted(rows["direction"] == "inbound"),
            **owned,
            "variant": _variants(rows),
            "repeats": counted(rows["is_repeat"]),
            "unanswered": counted(~rows["is_answered"]),
            "insistence": journeys["insistence"].max().fillna(0),
            "handovers": counted(rows["is_handover"]),
            "channel_changes": counted(rows["is_channel_change"]),
            "employees": different("employee"),
            "channels": different("channel"),
            "cost": hundredths.groupby(by).sum(min_count=1) / 100,
            "waiting_for": waiting_for,
            "waiting_since": journeys["turned_at"].last().where(waiting_for != "nobody"),
        }
    )


def _variants(rows: pd.DataFrame) -> pd.Series:
    """A number of each journey's sequence of touchpoints: the sum of the touchpoints' hashes, each by its place."""
    import numpy as np
    import pandas as pd

    names = pd.util.hash_array(rows["touchpoint"].cat.categories.to_numpy())[rows["touchpoint"].cat.codes.to_numpy()]
    places = pd.util.hash_array(rows["journey_position"].to_numpy())
    mixed = (names ^ places) * np.uint64(0x9E3779B97F4A7C15)
    return pd.Series(mixed ^ (mixed >> np.uint64(29)), rows.index).groupby(rows["journey"]).sum()
