"""The journeys once more, slowly: the rules in plain Python over dictionaries, as one would tell them.

`reference(contacts, rules)` takes contacts as dictionaries (a missing key is null) in any order and returns
annotated contacts in order, and journeys by customer and number. It shares nothing with the kernel but the
rules it is given.
"""

from datetime import timedelta
from decimal import Decimal
from hashlib import blake2b
from itertools import groupby

from tiesa.journeys.rules import ChannelMode

OWNERS = ("us", "customer", "third_party", "nobody", "unknown")


def in_order(contacts):
    return sorted(
        contacts,
        key=lambda c: (
            c["customer_key"],
            c["occurred_at"],
            c["source"].encode(),
            c["position"],
            c["contact_id"].encode(),
        ),
    )


def reference(contacts, rules):
    rows, journeys = [], []
    for _, own in groupby(in_order(contacts), key=lambda c: c["customer_key"]):
        customer = Customer([dict(c) for c in own], rules)
        rows += customer.rows
        journeys += [customer.summary(j) for j in customer.journeys]
    return rows, journeys


class Customer:
    def __init__(self, rows, rules):
        self.rules, self.rows, self.journeys = rules, rows, []
        instants = [row["occurred_at"] for row in rows]
        self.calendar = rules.calendar.table(min(instants), max(instants))
        for i, row in enumerate(rows):
            row["i"] = i
            self.take(row)
        for row in rows:
            if row["is_answered"] is False:
                row["insistence"] = self.times_asked(row, until=len(rows))
            journey = self.journeys[row["journey_no"] - 1]
            row["journey_start_at"] = self.of(journey)[0]["occurred_at"]
            row["type_of_journey"] = journey["type"]

    # --- small questions about a row

    def live(self, row):
        return self.rules.channel(row["channel"]).mode == ChannelMode.LIVE

    def lane(self, row):
        organisation = row.get("organisation")
        return None if organisation in self.rules.own_organisations else organisation

    def third_party(self, row):
        return self.lane(row) is not None or row["touchpoint"] in self.rules.third_party

    def own_inbound(self, row):
        return row.get("direction") == "inbound" and not self.third_party(row)

    def is_message(self, row):
        return self.own_inbound(row) and not self.live(row)

    def can_answer(self, row):
        if self.third_party(row):
            return False
        return row.get("direction") == "outbound" or (row.get("direction") == "inbound" and self.live(row))

    def type_of(self, row):
        return row.get("journey_type") or self.rules.starts.get(row["touchpoint"])

    def of(self, journey):
        return [row for row in self.rows if row.get("journey_no") == journey["no"]]

    def business(self, start, end):
        return self.calendar.between(start, end)

    def named(self, row):
        """The earlier contact that this one says it answers."""
        for other in self.rows[: row["i"]]:
            if (
                row.get("reply_to") is not None
                and other["contact_id"] == row["reply_to"]
                and other["source"] == row["source"]
            ):
                return other
        return None

    def times_asked(self, message, until):
        return sum(
            self.own_inbound(row) and row["journey_no"] == message["journey_no"]
            for row in self.rows[message["i"] : until]
        )

    # --- which journey

    def journey_of(self, row):
        if row.get("case_id") is not None:
            for other in self.rows[: row["i"]]:
                if (other["source"], other.get("case_id")) == (row["source"], row["case_id"]):
                    return self.journeys[other["journey_no"] - 1]
            return None
        if self.named(row):
            return self.journeys[self.named(row)["journey_no"] - 1]
        kind = self.type_of(row)
        candidates = [j for j in self.journeys if j["goal_state"] == "open" and (kind is None or j["type"] == kind)]
        candidates.sort(key=lambda j: self.of(j)[-1]["i"], reverse=True)
        for journey in candidates:
            same = row.get("reason") is not None and row["reason"] == journey["current_reason"]
            if same and self.since_last(journey, row) <= self.rules.windows_of(journey["type"]).same_reason:
                return journey
        for journey in candidates[:1]:
            if self.since_last(journey, row) <= self.rules.windows_of(journey["type"]).latest:
                return journey
        return None

    def since_last(self, journey, row):
        return row["occurred_at"] - self.of(journey)[-1]["occurred_at"]

    # --- one contact

    def take(self, row):
        journey = self.journey_of(row)
        if journey is None:
            journey = {
                "no": len(self.journeys) + 1, "type": None, "current_reason": None, "goal_state": "open",
                "goal_at": None, "state": "nobody", "since": None, "owed_messages": [], "promise": False,
            }  # fmt: skip
            self.journeys.append(journey)
        earlier = self.of(journey)
        row["journey_no"] = journey["no"]
        row["journey_position"] = len(earlier) + 1
        journey["type"] = journey["type"] or self.type_of(row)
        if row.get("reason") is not None:
            journey["current_reason"] = row["reason"]
        goal = row.get("goal") or self.rules.goals_of(journey["type"]).get(row["touchpoint"])
        if goal:
            journey["goal_state"], journey["goal_at"] = str(goal), row["occurred_at"]
        row["boundary"] = row.get("direction") != "internal" or row.get("waits_for") is not None or goal is not None

        last = earlier[-1] if earlier else None
        row["previous_touchpoint"] = last and last["touchpoint"]
        row["gap_s"] = last and row["occurred_at"] - last["occurred_at"]
        row["gap_business_s"] = last and self.business(last["occurred_at"], row["occurred_at"])
        row["wait_owner"] = journey["state"] if last else None
        boundaries = [r for r in earlier if r["boundary"]]
        row["wait_s"] = row["wait_business_s"] = None
        if row["boundary"] and boundaries:
            row["wait_s"] = row["occurred_at"] - boundaries[-1]["occurred_at"]
            row["wait_business_s"] = self.business(boundaries[-1]["occurred_at"], row["occurred_at"])

        row["is_repeat"] = self.is_repeat(row, journey, boundaries)
        known = [r["employee"] for r in earlier if r.get("employee") is not None]
        row["is_handover"] = bool(known) and row.get("employee") is not None and row["employee"] != known[-1]
        outer = [r["channel"] for r in earlier if r.get("direction") != "internal"]
        row["is_channel_change"] = bool(outer) and row.get("direction") != "internal" and row["channel"] != outer[-1]
        for name in (
            "is_answered",
            "answered_at",
            "answered_by",
            "answered_channel",
            "answered_contact_id",
            "insistence",
        ):
            row[name] = None
        if self.is_message(row):
            row["is_answered"] = False
        if row["boundary"]:
            self.keep_books(row, journey, goal)
            before, journey["state"] = journey["state"], self.state_after(row, journey, goal)
            if journey["state"] != before or journey["since"] is None:
                journey["since"] = row["occurred_at"]

    def is_repeat(self, row, journey, boundaries):
        if not self.own_inbound(row) or row.get("reason") is None:
            return False
        before = [r for r in self.rows[: row["i"]] if self.own_inbound(r) and r.get("reason") == row["reason"]]
        if not before or (boundaries and boundaries[-1].get("waits_for") == "customer"):
            return False
        return row["occurred_at"] - before[-1]["occurred_at"] <= self.rules.windows_of(journey["type"]).repeat

    def answer(self, message, row):
        message["is_answered"] = True
        message["answered_at"] = row["occurred_at"]
        message["answered_by"] = row.get("employee")
        message["answered_channel"] = row["channel"]
        message["answered_contact_id"] = row["contact_id"]
        message["insistence"] = self.times_asked(message, until=row["i"] + 1)
        for journey in self.journeys:
            journey["owed_messages"] = [m for m in journey["owed_messages"] if m != message["i"]]

    def keep_books(self, row, journey, goal):
        if self.can_answer(row):
            for message in self.of(journey):
                if message["is_answered"] is False:
                    self.answer(message, row)
            named = self.named(row)
            if named and named["is_answered"] is False:
                self.answer(named, row)
            journey["promise"] = False
        if self.is_message(row):
            journey["owed_messages"].append(row["i"])
        if row.get("promised_at") is not None and not self.third_party(row):
            journey["promise"] = True
        if goal:
            journey["promise"], journey["owed_messages"] = False, []

    def state_after(self, row, journey, goal):
        we_owe = bool(journey["owed_messages"]) or journey["promise"]
        direction, live, promised = row.get("direction"), self.live(row), row.get("promised_at") is not None
        if row.get("waits_for") is not None:
            return row["waits_for"]
        if goal:
            return "nobody"
        if direction is None:
            return "unknown"
        if self.third_party(row):
            return "us" if we_owe else "third_party"
        if direction == "inbound":
            return "us" if not live or promised else "nobody"
        if direction == "outbound":
            if promised:
                return "us"
            return "nobody" if live else "customer"
        return "us" if we_owe else "nobody"

    # --- one journey

    def summary(self, journey):
        rows = self.of(journey)
        boundaries = [row for row in rows if row["boundary"]]
        emotions = [row["emotion"] for row in rows if row.get("emotion") is not None]
        costs = [row["cost"] for row in rows if row.get("cost") is not None]

        def first(name):
            return next((row[name] for row in rows if row.get(name) is not None), None)

        def different(name):
            return len({row[name] for row in rows if row.get(name) is not None})

        waits = {}
        for owner in OWNERS:
            mine = [row for row in rows if row["wait_owner"] == owner]
            waits[f"wait_{owner}_s"] = sum((row["gap_s"] for row in mine), timedelta())
            waits[f"wait_{owner}_business_s"] = sum((row["gap_business_s"] for row in mine), timedelta())
        return {
            "customer_key": rows[0]["customer_key"],
            "journey_no": journey["no"],
            "journey_type": journey["type"],
            "source": rows[0]["source"],
            "case_id": first("case_id"),
            "reason": first("reason"),
            "start_at": rows[0]["occurred_at"],
            "end_at": rows[-1]["occurred_at"],
            "start_touchpoint": rows[0]["touchpoint"],
            "end_touchpoint": rows[-1]["touchpoint"],
            "duration_s": rows[-1]["occurred_at"] - rows[0]["occurred_at"],
            "contacts": len(rows),
            "internal_steps": sum(row.get("direction") == "internal" for row in rows),
            "inbound": sum(self.own_inbound(row) for row in rows),
            **waits,
            "variant": variant([row["touchpoint"] for row in rows]),
            "goal_state": journey["goal_state"],
            "goal_at": journey["goal_at"],
            "repeats": sum(row["is_repeat"] for row in rows),
            "unanswered": sum(row["is_answered"] is False for row in rows),
            "insistence": max((row["insistence"] or 0 for row in rows), default=0),
            "handovers": sum(row["is_handover"] for row in rows),
            "channel_changes": sum(row["is_channel_change"] for row in rows),
            "employees": different("employee"),
            "units": different("unit"),
            "channels": different("channel"),
            "organisations": len({self.lane(row) for row in rows}),
            "emotion_n": len(emotions),
            "emotion_start": emotions[0] if emotions else None,
            "emotion_worst": min(emotions) if emotions else None,
            "emotion_end": emotions[-1] if emotions else None,
            "cost": sum(costs, Decimal()) if costs else None,
            "waiting_for": journey["state"] if boundaries else None,
            "waiting_since": journey["since"] if journey["state"] != "nobody" else None,
        }


def variant(touchpoints):
    """The documented number of a sequence of texts, in Python's own whole numbers."""
    every = 2**64 - 1
    number = 0
    for text in touchpoints:
        digest = int.from_bytes(blake2b(text.encode(), digest_size=8).digest(), "little")
        number = (number * 0x9E3779B97F4A7C15 + digest) & every
        number = ((number ^ (number >> 33)) * 0xFF51AFD7ED558CCD) & every
        number = ((number ^ (number >> 33)) * 0xC4CEB9FE1A85EC53) & every
        number ^= number >> 33
    return number - 2**64 if number >= 2**63 else number
