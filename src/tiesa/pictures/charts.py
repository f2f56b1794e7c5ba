"""The charts: an Arrow table in, a `Picture` out (title, words, figures, Vega-Lite; SVG and PNG on demand).

Each takes `theme` (LIGHT, DARK, PRINT) and `width` in pixels (640 for a page, 320 for a phone), writes n and intervals
as text beside its marks, and tells series apart by dash, shape or words as well as by colour.
"""

from tiesa.pictures.charts_bars import bars
from tiesa.pictures.charts_calibration import calibration
from tiesa.pictures.charts_compare import compare
from tiesa.pictures.charts_dotted import dotted
from tiesa.pictures.charts_effects import effects
from tiesa.pictures.charts_frame import Picture
from tiesa.pictures.charts_marks import Annotation
from tiesa.pictures.charts_matrix import matrix
from tiesa.pictures.charts_optimum import optimum
from tiesa.pictures.charts_runs import Run, runs
from tiesa.pictures.charts_scales import Unit
from tiesa.pictures.charts_survival import survival
from tiesa.pictures.charts_trend import trend
from tiesa.pictures.charts_waits import wait_distribution

__all__ = [
    "Annotation",
    "Picture",
    "Run",
    "Unit",
    "bars",
    "calibration",
    "compare",
    "dotted",
    "effects",
    "matrix",
    "optimum",
    "runs",
    "survival",
    "trend",
    "wait_distribution",
]
