"""`mesoguide calibrate`: choose the threshold of config.yml on messages never trained on."""

from __future__ import annotations

import re
from pathlib import Path

from mesoguide import paths
from mesoguide.core.scoring import Row, Threshold, choose, thresholds
from mesoguide.parsing import parse_rows
from mesoguide.pictures import draw_thresholds

# Messages by other hands gave almost three times as many errors as the calibration file, so its
# limits are that much stricter than what is promised for strangers.
STRICTER = 2.75
MOST_WRONG = 0.03 / STRICTER  # of the messages in scope
MOST_OUTSIDE = 0.075 / STRICTER  # of those out of scope (far 3 %, near 12 %), answered as a topic
LINE = re.compile(r"^( *threshold: )[0-9.]+.*$", re.MULTILINE)


def calibrate(rows: list[Row], file: Path, out: Path) -> None:
    """Write into config.yml the lowest threshold that keeps both limits, and why; draw them all.

    `rows` are those of `file`.
    """
    found = thresholds(parse_rows(rows, "Parsing"))
    best = choose(found, MOST_WRONG, MOST_OUTSIDE)
    out.mkdir(parents=True, exist_ok=True)
    draw_thresholds(found, best, out / "threshold.png")
    write_threshold(paths.ROOT / "config.yml", best, file)
    print(f"Threshold {best.value:.2f}: {figures_of(best)}, of {len(rows)} messages.")
    print(f"Written: config.yml and {out / 'threshold.png'}. Train again to use it.")


def figures_of(one: Threshold) -> str:
    """The shares at a threshold, in words."""
    return (
        f"{one.right:.1%} right, {one.wrong:.1%} wrong, "
        f"{one.answered_outside:.1%} of out of scope answered"
    )


def write_threshold(config: Path, chosen: Threshold, file: Path) -> None:
    """Put the threshold in its line, with its figures. Raises ValueError without such a line."""
    text = config.read_text(encoding="utf-8")
    why = f"mesoguide calibrate on {file.name}: {figures_of(chosen)}"
    new, count = LINE.subn(rf"\g<1>{chosen.value:.2f}  # {why}", text)
    if count != 1:
        raise ValueError(f"{config} should have one line with 'threshold:', it has {count}.")
    config.write_text(new, encoding="utf-8")
