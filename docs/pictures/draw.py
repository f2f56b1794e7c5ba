"""Makes the picture of the README from real output: `python docs/pictures/draw.py [FOLDER]`."""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme

from tiesa.cli import trying

CHECKOUT = Path(__file__).resolve().parents[2]
THEME = TerminalTheme(
    (250, 250, 247),
    (27, 38, 49),
    [
        (27, 38, 49),
        (192, 80, 45),
        (58, 125, 90),
        (176, 137, 40),
        (62, 98, 140),
        (137, 29, 73),
        (11, 110, 105),
        (90, 100, 110),
    ],
)


def main(folder: Path) -> None:
    example = CHECKOUT / "examples" / "support.csv"
    tried = trying.tried_file(example)
    console = Console(
        record=True, width=96, file=io.StringIO(), force_terminal=True, color_system="truecolor", highlight=False
    )
    trying.show(example, tried, console=console)
    svg = console.export_svg(title="tiesa try examples/support.csv", theme=THEME, unique_id="tiesa")
    svg = re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)  # no picture asks another server for a font
    (folder / "try.svg").write_text(
        "\n".join(line.rstrip() for line in svg.splitlines() if line.strip()) + "\n", "utf-8"
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
