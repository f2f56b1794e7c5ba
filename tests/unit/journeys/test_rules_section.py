"""A rules file that cannot be used says which file, which key, and what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tiesa.core.errors import InvalidRules
from tiesa.journeys.rules_section import Section, parse_toml, read_toml


def refuse(_file: Section) -> None:
    raise InvalidRules("no such channel", where="channels.pigeon", remedy="Name another")


def test_what_is_wrong_with_a_key_keeps_its_remedy_and_gets_its_file() -> None:
    with pytest.raises(InvalidRules) as raised:
        parse_toml("", refuse, where="some.toml")
    error = raised.value
    assert (error.what, error.where, error.remedy) == ("no such channel", "some.toml, channels.pigeon", "Name another")


@pytest.mark.parametrize("content", [b"a = ", b"a = '\xff'"])
def test_what_is_no_toml_is_said_with_the_file(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "r.toml").write_bytes(content)
    with pytest.raises(InvalidRules, match=r"r\.toml: This is not TOML"):
        read_toml(tmp_path / "r.toml", refuse)
    with pytest.raises(InvalidRules, match=r"none\.toml: There is no rules file"):
        read_toml(tmp_path / "none.toml", refuse)
