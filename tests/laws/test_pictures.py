"""The pictures of the documents are real output: drawn anew, they are the same."""

import re
import subprocess
import sys
from pathlib import Path


def test_the_picture_of_the_readme_is_what_the_command_says_today(checkout: Path, tmp_path: Path) -> None:
    drawing = [sys.executable, checkout / "docs" / "pictures" / "draw.py", tmp_path]
    subprocess.run(drawing, check=True, cwd=checkout)
    drawn, shown = (folder / "try.svg" for folder in (tmp_path, checkout / "docs" / "pictures"))
    assert drawn.read_text() == shown.read_text(), "run: python docs/pictures/draw.py"


def test_no_picture_asks_another_server(checkout: Path) -> None:
    for picture in (checkout / "docs" / "pictures").glob("*.svg"):
        named = set(re.findall(r"https?://[^\s\"<]+", picture.read_text()))
        assert named <= {"http://www.w3.org/2000/svg", "https://www.textualize.io"}  # a namespace, and a remark
