"""Make `lossterm/stories/second-model.csv`: two predictions of the same rows, for the story "Is B better than A?".

    python -m tests.reference.make_second

Every fourth row of the demo: its own prediction is ``old``; ``new`` is its logit over 3.24, the temperature that fits
the demo best, with a little noise of a fixed seed: as a model would be that is trained again, and calibrated.
"""

import csv
import math
import random
from pathlib import Path

SEED, STEP, TEMPERATURE, NOISE = 7, 4, 3.24, 0.3

FOLDER = Path(__file__).parents[2] / "lossterm"


def main() -> None:
    """Read the demo, and write."""
    noise = random.Random(SEED)
    with (FOLDER / "predictions" / "demo.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))[::STEP]
    lines = ["image,digit,label,old,new"]
    for row in rows:
        p = float(row["probability"])
        logit = (math.log(p) - math.log1p(-p)) / TEMPERATURE + noise.gauss(0, NOISE)
        lines.append(f"{row['image']},{row['digit']},{row['label']},{p!r},{1 / (1 + math.exp(-logit)):.6g}")
    (FOLDER / "stories" / "second-model.csv").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
