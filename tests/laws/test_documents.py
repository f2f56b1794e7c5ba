"""What the documents say works: blocks marked `<!-- run -->` are run, and every command they name exists.

A marked ```sh block: its lines that begin with `./tiesa` run one after the other, as forks of one Python. A marked
```python block runs as a script. The blocks of one document share an empty home and a folder that holds `examples`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
DOCUMENTS = [
    file
    for file in [CHECKOUT / "README.md", CHECKOUT / "CONTRIBUTING.md", *sorted(CHECKOUT.glob("docs/**/*.md"))]
    if file.exists()
]
MARKED = re.compile(r"<!-- run -->\s*```(sh|python)\n(.*?)```", re.DOTALL)
SHELL = re.compile(r"```sh\n(.*?)```", re.DOTALL)
COMMAND = re.compile(r"(?:^|\s)(?:\./)?tiesa ([a-z][a-z-]+)", re.MULTILINE)
BUILT_IN = {"test"}  # a word of ./tiesa itself


def run(words: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(CHECKOUT / "src"), "TIESA_HOME": str(folder / "home")}
    return subprocess.run(words, cwd=folder, env=environment, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda file: str(file.relative_to(CHECKOUT)))
def test_marked_blocks_run(document: Path, tmp_path: Path, warm_tiesa: Path) -> None:
    (tmp_path / "examples").symlink_to(CHECKOUT / "examples")
    (tmp_path / "tiesa").symlink_to(warm_tiesa)
    for language, block in MARKED.findall(document.read_text()):
        if language == "python":
            scripts = [[sys.executable, "-c", block]]
        else:
            scripts = [["sh", "-euc", line] for line in block.splitlines() if re.match(r"\./tiesa (?!test\b)", line)]
            assert scripts or "./tiesa test" in block, f"nothing to run in:\n{block}"
        for words in scripts:
            done = run(words, tmp_path)
            assert done.returncode == 0, f"{words[-1]}\n{done.stdout}\n{done.stderr}"


def test_every_command_the_documents_name_exists(tmp_path: Path) -> None:
    blocks = [block for document in DOCUMENTS for block in SHELL.findall(document.read_text())]
    named = {word for block in blocks for word in COMMAND.findall(re.sub(r"#.*", "", block))} - BUILT_IN
    told = run([sys.executable, "-m", "tiesa", "--help"], tmp_path).stdout.partition("Commands:")[2]
    assert named
    assert not named - set(re.findall(r"^  ([a-z-]+)  ", told, re.MULTILINE))
