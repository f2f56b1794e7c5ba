"""Standards worked by hand: kept, not kept, not to be told yet; and statutory deadlines with their sources."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from tests.unit.journeys.questions.desk import MONDAY, after, home_of

from tiesa.core.business_time import BusinessCalendar
from tiesa.core.errors import InvalidRules
from tiesa.core.home import Home
from tiesa.core.intervals import wilson_of
from tiesa.core.locale import use_language
from tiesa.core.scope import Scope
from tiesa.journeys.deadlines import Deadline, DeadlineUnit, chosen_deadline, in_country, read_deadlines, shipped
from tiesa.journeys.monthly import MONTHS, Figure, Series, difference, share_of, trends
from tiesa.journeys.standards import n_to_tell, standards
from tiesa.journeys.standards_rules import read_standards
from tiesa.journeys.view import open_view


def row(customer, touchpoint="question", at=MONDAY, direction="inbound", **more):
    return {"customer": customer, "case_id": customer, "touchpoint": touchpoint, "occurred_at": at,
            "direction": direction, **more}  # fmt: skip


def set_up(folder, text, name="standards.toml"):
    (folder / "rules").mkdir(parents=True, exist_ok=True)
    (folder / "rules" / name).write_text(text, encoding="utf-8")


def one(name, metric, target, more=""):
    return f'[[standards]]\nname = "{name}"\nmetric = "{metric}"\ntarget = {target}\n{more}\n'


def measured(home, **options):
    with open_view(home, **options) as view:
        report = standards(view)
    return report, {r["standard"]: r for r in report.rows}


ROWS = [
    # a: answered after 2 business hours, promised a call for Wednesday noon, called on Tuesday, solved
    row("a", at=MONDAY, reason="slow", journey_type="fault"),
    row("a", "answer", after(hours=2), "outbound", promised_at=after(days=2, hours=3), unit="desk"),
    row("a", "call", after(days=1), "outbound", channel="phone"),
    row("a", "thanks", after(days=1, hours=1), channel="phone", goal="reached"),
    # b: asks three times until the answer, after 10, 9 and 1 business hours; given up
    row("b", at=MONDAY, reason="bill", journey_type="fault"),
    row("b", at=after(hours=1), reason="bill"),
    row("b", at=after(days=1, hours=1), reason="bill"),
    row("b", "answer", after(days=1, hours=2), "outbound", promised_at=after(days=1, hours=4)),
    row("b", "gone", after(days=3), "self_service", goal="abandoned"),
    # c: never answered, on a channel of its own
    row("c", at=MONDAY, channel="app", kind="complaint"),
    # d: asks on the last day: nothing is due yet
    row("d", at=after(days=4)),
    row("e", "note", after(days=4, hours=0.5), "internal"),
]


def test_each_metric_is_what_its_definition_says(tmp_path):
    set_up(
        tmp_path,
        one("replies", "reply_time", '"9 h"')
        + one("e-mail by the clock", "reply_time", '"24 h"', 'business_time = false\nwhere = {channel = "email"}')
        + one("first", "first_reply", '"9 h"')
        + one("solved", "time_to_goal", '"2 days"', "business_time = false")
        + one("solved at last", "time_to_goal", '"9 days"', "business_time = false")
        + one("asked once", "insistence", "1")
        + one("asked thrice", "insistence", "3")
        + one("few contacts", "contacts_to_goal", "3")
        + one("answered", "unanswered", "0.5")
        + one("new questions", "repeats", "0.9")
        + one("promised", "promises", "0.9")
        + one("reached", "goal_reached", "0.5")
        + one("of faults", "goal_reached", "0.5", 'where = {journey_type = "fault", unit = "desk"}')
        + one("from Tuesday", "reply_time", '"9 h"', "since = 2026-03-03"),
    )
    report, found = measured(home_of(ROWS, tmp_path))
    expected = {  # kept, n, broken now
        "replies": (3, 5, 1),  # a 2 h, b 9 h and 1 h; b's first and c's only are late; d is not due
        "e-mail by the clock": (2, 4, 0),  # a's and b's last; b's others took 26 h and 25 h
        "first": (1, 3, 1),
        "solved": (1, 3, 1),  # a; b gave up, c is past it
        "solved at last": (1, 2, 0),  # who gave up in time did not reach the goal either
        "asked once": (1, 2, 0),
        "asked thrice": (2, 2, 0),
        "few contacts": (0, 2, 0),  # a took 4, b more than 3; c and d may still
        "answered": (4, 5, 1),
        "new questions": (2, 4, 0),
        "promised": (1, 2, 1),
        "reached": (1, 2, 0),
        "of faults": (1, 1, 0),
        "from Tuesday": (1, 1, 0),
    }
    assert {name: (r["kept"], r["n"], r["breaches_now"]) for name, r in found.items()} == expected
    for r in found.values():
        assert r["low"] <= r["kept"] / r["n"] <= r["high"]
    assert not report.are_defaults
    assert {b["standard"] for b in report.breaches.to_pylist()} == {
        "replies",
        "first",
        "solved",
        "answered",
        "promised",
    }


def test_breaches_are_named_only_where_the_scope_shows_names(tmp_path):
    set_up(tmp_path, one("replies", "reply_time", '"9 h"'))
    home = home_of(ROWS, tmp_path)
    (named,) = measured(home)[0].breaches.to_pylist()
    assert (named["customer"], named["case_id"], named["touchpoint"]) == ("c", "c", "question")
    assert named["open_s"] == (4 * 24 + 0.5) * 3600
    (unnamed,) = measured(home, scope=Scope(names=False))[0].breaches.to_pylist()
    assert (unnamed["customer"], unnamed["case_id"]) == (None, None)


def test_without_standards_those_of_the_channels_are_taken_and_it_says_so(tmp_path):
    report, found = measured(home_of(ROWS, tmp_path))
    assert report.are_defaults
    assert {r["target"] for r in found.values()} == {3600, 8 * 3600}
    shown = report.tables()[0].data
    assert set(shown["target"].to_pylist()) == {"60 min, business time", "8.0 h, business time"}
    assert set(shown["standard"].to_pylist()) == {f"reply on {channel}" for channel in found}
    assert "usual reply times" in report.answer()


def test_a_channel_in_two_spellings_is_one(tmp_path):
    rows = [row("a", channel="E-Mail"), row("b", channel="email"), row("b", "answer", after(days=9), "outbound")]
    _report, found = measured(home_of(rows, tmp_path))
    assert [(r["kept"], r["n"]) for r in found.values()] == [(0, 2)]


def test_what_the_data_lack_is_named_and_has_no_share(tmp_path):
    set_up(tmp_path, one("promised", "promises", "0.9") + one("solved", "time_to_goal", '"2 days"'))
    report, found = measured(home_of([row("a"), row("a", "answer", after(hours=1), "outbound")], tmp_path))
    assert (found["promised"]["kept_share"], found["promised"]["missing"]) == (None, "promised_at")
    assert (found["solved"]["n"], found["solved"]["missing"]) == (0, "goal")
    assert not report.can_be_judged
    assert report.missing() == "promised_at, goal"
    assert "cannot be judged without promised_at" in [cell for row_ in report.tables()[0].cells() for cell in row_]


@pytest.mark.parametrize(("kept", "n", "verdict"), [(60, 60, "kept"), (10, 20, "not_kept"), (9, 10, "unknown")])
def test_the_verdict_is_that_of_the_bounds(tmp_path, kept, n, verdict):
    set_up(tmp_path, one("replies", "reply_time", '"2 h"', "tolerance = 0.1"))
    rows = [row(f"c{i}") for i in range(n)]
    rows += [row(f"c{i}", "answer", after(hours=1 if i < kept else 3), "outbound") for i in range(n)]
    report, found = measured(home_of(rows, tmp_path))
    assert (found["replies"]["kept"], found["replies"]["verdict"]) == (kept, verdict)
    assert report.needs_attention == (verdict == "not_kept")


def test_how_many_it_takes_to_tell_is_the_first_n_whose_interval_tells():
    n = n_to_tell(0.8, 0.9)
    assert n is not None
    assert wilson_of(0.8, n).high < 0.9 <= wilson_of(0.8, n - 1).high
    assert n_to_tell(0.9, 0.9) is None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[standards]", "not TOML"),
        (one("x", "magic", '"1 h"'), "one of"),
        (one("x", "reply_time", "24"), "length of time"),
        (one("x", "reply_time", '"soon"'), "length of time"),
        (one("x", "promises", "90"), "0 to 1"),
        (one("x", "promises", "0.9", "tolerance = 0.1"), "already"),
        (one("x", "promises", "0.9", "business_time = true"), "no time"),
        (one("x", "reply_time", '"1 h"', "tolerance = 10"), "0 to 1"),
        (one("x", "reply_time", '"1 h"', 'where = {chanel = "email"}'), "no such key"),
        (one("x", "reply_time", '"1 h"', 'where = {kind = "rant"}'), "one of"),
        (one("x", "reply_time", '"1 h"', 'since = "2026"'), "a date"),
        ('[[standards]]\nname = "x"\nmetric = "promises"', "needs a target"),
        (one("x", "promises", "0.9") * 2, "two standards"),
        ('[complaints]\ncountry = "RS"', "complaints.kind"),
    ],
)
def test_wrong_standards_are_refused_with_file_key_and_reason(tmp_path, text, says):
    set_up(tmp_path, text)
    with pytest.raises(InvalidRules) as refused:
        read_standards(Home(tmp_path))
    assert "standards.toml" in str(refused.value)
    assert says in str(refused.value)


def test_every_deadline_has_its_source_and_the_day_it_was_checked():
    assert {d.country for d in shipped()} >= {"EU", "RS", "LT", "SI", "RO"}
    for deadline in shipped():
        assert deadline.source
        assert "2026-11" in deadline.checked
        assert "check with counsel" in deadline.checked
        assert "heck with counsel" in deadline.note
        assert deadline.longest is None or deadline.longest > deadline.deadline
    assert len({(d.country, d.kind) for d in shipped()}) == len(shipped())


def test_what_holds_in_the_union_holds_in_its_member_states_only():
    assert "EU" in {d.country for d in in_country(shipped(), "SI")}
    assert {d.country for d in in_country(shipped(), "RS")} == {"RS"}


@pytest.mark.parametrize(
    ("length", "unit", "received", "last_day"),
    [
        (
            15,
            DeadlineUnit.BUSINESS_DAYS,
            datetime(2026, 4, 1, 12, tzinfo=UTC),
            (2026, 4, 24),
        ),  # Easter, 10 and 13 April, left out
        (1, DeadlineUnit.BUSINESS_DAYS, datetime(2026, 3, 7, 12, tzinfo=UTC), (2026, 3, 9)),  # came on a Saturday
        (
            8,
            DeadlineUnit.DAYS,
            datetime(2026, 3, 2, 23, 30, tzinfo=UTC),
            (2026, 3, 11),
        ),  # half past midnight in Belgrade
        (1, DeadlineUnit.MONTHS, datetime(2026, 1, 31, 12, tzinfo=UTC), (2026, 2, 28)),
    ],
)
def test_a_deadline_ends_with_its_last_day(length, unit, received, last_day):
    due = Deadline("RS", "complaint", length, unit, "", "", "").due(received, BusinessCalendar(zone="Europe/Belgrade"))
    local = due.astimezone(ZoneInfo("Europe/Belgrade"))
    assert (local.year, local.month, local.day) == last_day
    assert (local.hour, local.minute) == (23, 59)


def test_complaints_are_measured_against_the_deadline_of_the_rules(tmp_path):
    """In time: a (answered on the 8th day) and b (closed); c on the 9th; d is overdue; e not due; f no complaint."""
    set_up(tmp_path, '[complaints]\ncountry = "RS"\nkind = "consumer complaint, answer"')
    rows = [row(c, "complaint", kind="complaint") for c in "abcd"]
    rows += [
        row("a", "answer", after(days=8, hours=14), "outbound"),
        row("b", "settled", after(days=3), "self_service", goal="reached"),
        row("c", "answer", after(days=9), "outbound"),
        row("d", "complaint", after(days=11), kind="complaint"),  # the same complaint again
        row("e", "complaint", after(days=12), kind="complaint"),
        row("f"),
    ]
    report, found = measured(home_of(rows, tmp_path))
    (complaints,) = report.complaints.to_pylist()
    assert (complaints["kept"], complaints["n"], complaints["breaches_now"]) == (2, 4, 1)
    assert (complaints["needed"], complaints["verdict"]) == (1.0, "not_kept")
    assert "counsel" in report.explain()
    assert list(found) == [complaints["standard"]]
    assert (complaints["target"], complaints["unit"]) == (8, "days")
    shown = report.tables()[0].data.to_pylist()[-1]
    assert (shown["standard"], shown["target"]) == ("consumer complaint, answer (RS, statutory)", "8 days")
    with use_language("lt"):
        assert report.tables()[0].data["target"].to_pylist()[-1] == "8 dienos"


def test_a_home_corrects_a_deadline_and_adds_its_own(tmp_path):
    own = (
        '[[deadlines]]\ncountry = "{}"\nkind = "{}"\ndeadline = 5\nunit = "days"\n'
        'source = "our lawyer"\nchecked = "2026-11-01"\n'
    )
    set_up(tmp_path, own.format("RS", "consumer complaint, answer") + own.format("LV", "claim"), "deadlines.toml")
    found = read_deadlines(Home(tmp_path))
    assert len(found) == len(shipped()) + 1
    assert chosen_deadline(Home(tmp_path), "RS", "Consumer complaint, answer").deadline == 5
    with pytest.raises(InvalidRules, match="Allowed"):
        chosen_deadline(Home(tmp_path), "RS", "parking fine")
    set_up(tmp_path, own.format("RS", "x").replace('source = "our lawyer"\n', ""), "deadlines.toml")
    with pytest.raises(InvalidRules, match="source"):
        read_deadlines(Home(tmp_path))


def test_the_difference_of_two_shares_is_newcombes():
    """Newcombe (1998), table II, example (a): 56/70 against 48/80, method 10: 0.0524 to 0.3339."""
    found = difference(share_of(48, 80), share_of(56, 70))
    assert found is not None
    assert (round(found.low, 4), round(found.high, 4)) == (0.0524, 0.3339)


def test_a_trend_has_to_stand_among_all_that_were_looked_at():
    def series(change):
        return Series(Figure(100, 0.5, 0.4, 0.6), MONTHS.empty_table(), change)

    borderline = series(Figure(100, 0.1, 0.002, 0.198))  # p about 0.045
    clear = series(Figure(100, -0.3, -0.4, -0.2))
    none = series(Figure(100, 0.0, -0.1, 0.1))
    assert trends([borderline]) == ["rising"]
    assert trends([borderline, none, none, clear, series(None)]) == ["steady", "steady", "steady", "falling", "unknown"]
