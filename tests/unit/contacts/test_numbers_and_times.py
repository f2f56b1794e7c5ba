"""Numbers and times are read as the mapping says, or set aside; never read as something else."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.unit.contacts.desk import WITH_IDS, log_of, row, take_in, write_csv

from tiesa.core.home import Home


@pytest.mark.parametrize(
    ("mark", "written", "read"),
    [
        (".", "1.5", "1.5000"),
        (".", "1,234.5", "1234.5000"),
        (".", "1 234", "1234.0000"),
        (".", "1,5", None),
        (".", "12,34,567", None),
        (",", "1,5", "1.5000"),
        (",", "1.234,5", "1234.5000"),
        (",", "1 234,5", "1234.5000"),
        (",", "1\u00a0234,5", "1234.5000"),
        (",", "1.5", None),
        (",", "1,234.5", None),
    ],
)
def test_a_number_is_read_by_its_decimal_mark_or_set_aside(
    tmp_path: Path, mark: str, written: str, read: str | None
) -> None:
    home, text = Home(tmp_path / "home"), WITH_IDS + f'[number]\ndecimal = "{mark}"\n'
    result = take_in(home, write_csv(tmp_path / "a.csv", [row(1, price="2"), row(2, price=written)]), text)
    found = {r["contact_id"]: str(r["cost"]) for r in log_of(home)}
    assert found.get("c2") == read
    assert result.quarantined == (read is None)


@pytest.mark.parametrize(
    ("time", "written", "instant"),
    [
        ('zone = "Europe/Vilnius"', "2025-07-01 12:00", "2025-07-01T09:00:00+00:00"),
        ('zone = "Europe/Vilnius"', "2025-07-01T12:00:00Z", "2025-07-01T12:00:00+00:00"),
        ('zone = "Europe/Vilnius"', "2025-07-01T12:00:00.250+02:00", "2025-07-01T10:00:00.250000+00:00"),
        ('zone = "Europe/Vilnius"', "2025-01-01", "2024-12-31T22:00:00+00:00"),
        ('zone = "Europe/Vilnius"\noffset = "ignore"', "2025-07-01T12:00:00+00:00", "2025-07-01T09:00:00+00:00"),
        ('zone = "Europe/Vilnius"\nformats = ["%d.%m.%Y %H:%M"]', "31.12.2025 14:05", "2025-12-31T12:05:00+00:00"),
        (
            'zone = "Europe/Vilnius"\nformats = ["%d.%m.%Y %H:%M:%S UTC"]',
            "31.12.2025 14:05:09 UTC",
            "2025-12-31T14:05:09+00:00",
        ),
        ('formats = ["epoch_s"]', "1751371200", "2025-07-01T12:00:00+00:00"),
        ('formats = ["epoch_ms"]', "1751371200250", "2025-07-01T12:00:00.250000+00:00"),
    ],
)
def test_a_time_is_read_in_its_zone(tmp_path: Path, time: str, written: str, instant: str) -> None:
    home, text = Home(tmp_path / "home"), WITH_IDS.replace('zone = "Europe/Belgrade"', time)
    take_in(home, write_csv(tmp_path / "a.csv", [row(2, when=written)]), text)
    assert log_of(home)[0]["occurred_at"].isoformat() == instant
