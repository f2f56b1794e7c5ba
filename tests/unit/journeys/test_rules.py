"""The rules: read from TOML, checked, and the same without any."""

from datetime import date, time, timedelta

import pytest

from tiesa.core.business_time import BusinessCalendar
from tiesa.core.enums import GoalState
from tiesa.core.errors import InvalidRules
from tiesa.journeys import Channel, ChannelMode, JourneyType, Rules, Windows, read_rules, read_rules_file
from tiesa.journeys.channels import USUAL_CHANNELS

FULL = """
currency = "RSD"
third_party = ["bank transfer"]
own_organisations = ["Insurance Ltd"]
windows = {same_reason_days = 20, repeat_days = 1.5}

[types.claim]
start = ["claim filed"]
reached = ["paid"]
abandoned = ["withdrawn"]
latest_days = 21

[channels.E-Mail]
reply_hours = 4

[channels.kiosk]
mode = "live"

[calendar]
zone = "Europe/Belgrade"
country = "RS"
closed = [2026-01-05]
open = [2026-01-10]
hours = {monday = "08:00-16:00", saturday = ["09:00-12:00", "13:00-24:00"]}
"""


def read(folder, text):
    (folder / "journeys.toml").write_text(text, encoding="utf-8")
    return read_rules(folder)


def test_no_file_gives_the_defaults(tmp_path):
    assert read_rules(tmp_path) == Rules()
    assert Rules().windows == Windows(timedelta(days=30), timedelta(days=7), timedelta(days=14))
    assert Rules().calendar == BusinessCalendar()


def test_an_empty_file_gives_the_defaults(tmp_path):
    assert read(tmp_path, "") == Rules()


def test_a_full_file_is_read_to_the_letter(tmp_path):
    rules = read(tmp_path, FULL)
    assert rules.windows == Windows(timedelta(days=20), timedelta(days=7), timedelta(hours=36))
    assert rules.types == {"claim": JourneyType(("claim filed",), ("paid",), ("withdrawn",), latest=timedelta(days=21))}
    assert rules.third_party == {"bank transfer"}
    assert rules.own_organisations == {"Insurance Ltd"}
    assert rules.channel("e_mail") == Channel(ChannelMode.DELAYED, 4.0)
    assert rules.channel("Kiosk") == Channel(ChannelMode.LIVE, None)
    assert rules.calendar == BusinessCalendar(
        zone="Europe/Belgrade",
        week={0: ((time(8), time(16)),), 5: ((time(9), time(12)), (time(13), time(0)))},
        country="RS",
        closed=frozenset({date(2026, 1, 5)}),
        open=frozenset({date(2026, 1, 10)}),
    )
    assert rules.currency == "RSD"


def test_written_rules_read_back_the_same(tmp_path):
    for rules in (Rules(), read(tmp_path, FULL)):
        again = read(tmp_path, rules.to_toml())
        assert again == rules
        assert again.fingerprint == rules.fingerprint


@pytest.mark.parametrize(
    ("text", "key", "allowed"),
    [
        ("colour = 1", "colour", "third_party"),
        ("[windows]\nsame_reason = 3", "windows.same_reason", "same_reason_days"),
        ("[windows]\nlatest_days = -1", "windows.latest_days", "from 0 to 36500"),
        ("[windows]\nlatest_days = nan", "windows.latest_days", "from 0 to 36500"),
        ('[windows]\nlatest_days = "7"', "windows.latest_days", "number of days"),
        ("[windows]\nlatest_days = true", "windows.latest_days", "number of days"),
        ("third_party = 'bank'", "third_party", "list of words"),
        ("third_party = [1]", "third_party", "list of words"),
        ("types = 3", "types", "a table"),
        ("[types.claim]\nend = []", "types.claim.end", "abandoned"),
        ("[types.claim]\nreached = ['x']\nabandoned = ['x']", "types.claim.abandoned", "once"),
        ("[types.a]\nstart = ['x']\n[types.b]\nstart = ['x']", "types.b.start", "one type"),
        ("[channels.fax]\nmode = 'slow'", "channels.fax.mode", "live or delayed"),
        ("[channels.fax]\nreply_hours = 0", "channels.fax.reply_hours", "above 0"),
        ("[calendar]\nzone = 'Mars/Olympus'", "calendar.zone", "Europe/Belgrade"),
        ("[calendar]\ncountry = 'XX'", "calendar.country", "ISO 3166"),
        ("[calendar]\nclosed = ['2026-01-01']", "calendar.closed", "dates"),
        ("[calendar.hours]\nmonday = '16:00-08:00'", "calendar.hours.monday", "08:00-16:00"),
        ("[calendar.hours]\nmonday = ['08:00']", "calendar.hours.monday", "08:00-16:00"),
        ("[calendar.hours]\nfunday = '08:00-16:00'", "calendar.hours.funday", "sunday"),
        ("currency = 'euro'", "currency", "EUR"),
        ("currency = ", "", "TOML"),
    ],
)
def test_a_mistake_is_named_with_its_file_its_key_and_what_is_allowed(tmp_path, text, key, allowed):
    with pytest.raises(InvalidRules) as caught:
        read(tmp_path, text)
    sentence = str(caught.value)
    assert sentence.startswith(f"{tmp_path / 'journeys.toml'}{', ' if key else ''}{key}: ")
    assert allowed in sentence
    assert "\n" not in sentence


def test_a_rules_file_may_lie_anywhere_but_must_be_there(tmp_path):
    path = tmp_path / "other.toml"
    with pytest.raises(InvalidRules, match=r"other\.toml: There is no rules file"):
        read_rules_file(path)
    path.write_text('currency = "LTL"')
    assert read_rules_file(path) == Rules(currency="LTL")


def test_a_type_keeps_the_default_windows_it_does_not_set():
    rules = Rules(Windows(latest=timedelta(days=5)), types={"claim": JourneyType(repeat=timedelta(days=2))})
    assert rules.windows_of("claim") == Windows(timedelta(days=30), timedelta(days=5), timedelta(days=2))
    assert rules.windows_of("unheard of") == rules.windows_of(None) == rules.windows


def test_a_journey_without_type_ends_with_the_goal_of_any():
    rules = Rules(types={"a": JourneyType(reached=("signed",)), "b": JourneyType(abandoned=("signed", "left"))})
    assert rules.goals_of("b") == {"signed": GoalState.ABANDONED, "left": GoalState.ABANDONED}
    assert rules.goals_of(None) == {"signed": GoalState.REACHED, "left": GoalState.ABANDONED}
    assert rules.goals_of("other") == {}


@pytest.mark.parametrize(
    "name",
    [
        "Phone",
        "PHONE_CALL",
        "telefon",
        "Телефон",
        "telefonas",
        "звонок",
        "klic",
        "apel",
        "branch",
        "filijala",
        "Встреча",
        "video-call",
    ],
)
def test_conversations_are_live_in_six_languages(name):
    assert Rules().channel(name).mode == ChannelMode.LIVE


@pytest.mark.parametrize(
    "name", ["email", "E-mail", "имејл", "el. paštas", "письмо", "scrisoare", "pismo", "chat", "sms", "pigeon", ""]
)
def test_messages_and_unknown_channels_are_delayed(name):
    channel = Rules().channel(name)
    assert channel.mode == ChannelMode.DELAYED
    assert channel.reply_hours > 0


def test_no_usual_channel_is_listed_as_both():
    from tiesa.journeys import channels

    names = [channels.plain_name(name) for _, group in channels._USUAL_CHANNELS for name in group.split(",")]
    assert sorted(names) == sorted(USUAL_CHANNELS)


def test_the_fingerprint_changes_with_every_rule_and_with_nothing_else(tmp_path):
    rules = [
        Rules(),
        Rules(windows=Windows(latest=timedelta(days=8))),
        Rules(types={"a": JourneyType()}),
        Rules(types={"a": JourneyType(latest=timedelta(0))}),
        Rules(third_party=frozenset({"x"})),
        Rules(own_organisations=frozenset({"x"})),
        Rules(channels={"email": Channel(ChannelMode.LIVE, None)}),
        Rules(calendar=BusinessCalendar(zone="Europe/Vilnius")),
        Rules(calendar=BusinessCalendar(week={})),
        Rules(calendar=BusinessCalendar(closed=frozenset({date(2026, 1, 1)}))),
        Rules(currency="RON"),
    ]
    assert len({r.fingerprint for r in rules}) == len(rules)
    assert Rules(third_party=frozenset({"a", "b"})).fingerprint == Rules(third_party=frozenset({"b", "a"})).fingerprint
    assert Rules().fingerprint == Rules(channels={"EMAIL": Channel()}).fingerprint
