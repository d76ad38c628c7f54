"""`python -m tests.bench`: the speed of the program in units of the cheapest Textual app, both measured in one run."""

from __future__ import annotations

import argparse
import re
import shlex
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from statistics import median

from tests.bench import files, measure, scenarios
from tests.bench.report import Row, ms, p95, table
from tests.bench.scenarios import EXPLORER, FLOOR_DRAWN, KEY_SCENARIOS, Keys, Milestone
from tests.terminal import Terminal, clean_env

FLOOR = (sys.executable, str(Path(__file__).with_name("floor.py")))


@dataclass(frozen=True)
class Bench:
    """One run of the benchmark."""

    command: tuple[str, ...]
    """The program."""
    quick: bool
    """Fewer repetitions, for a look; targets are judged all the same."""
    milestones: tuple[Milestone, ...] = scenarios.MILESTONES

    def times(self, number: int) -> int:
        return max(1, number // 5) if self.quick else number

    def start(self, scenario: Keys, *, answers: bool = False) -> tuple[Terminal, Terminal]:
        """The floor app and the program, both ready for keys."""
        pair = Terminal(FLOOR, answers=answers), Terminal((*self.command, *scenario.arguments), answers=answers)
        for terminal, ready in zip(pair, (FLOOR_DRAWN, scenario.ready), strict=True):
            terminal.wait_for(ready)
            terminal.settle(0.5)
        for key in scenario.setup:
            pair[1].press(key)
            pair[1].settle(0.3)
        return pair

    def keys(self, scenario: Keys) -> Iterator[Row]:
        floor, ours = self.start(scenario)
        with floor, ours:
            base, result = measure.interleaved_presses(
                (floor, ours), scenario.keys, self.times(scenario.presses), scenario.quiet
            )
        if not result.seconds:
            raise AssertionError(f"{scenario.name}: no press drew anything")
        ratio = median(result.seconds) / median(base.seconds)
        note = f"p95 {ms(p95(result.seconds))} (floor {ms(p95(base.seconds))}), {median(result.sizes):,.0f} bytes a key"
        for whose, presses in (("", result), ("floor: ", base)):
            note += f", {whose}{presses.silent} drew nothing" if presses.silent else ""
            note += f", {whose}{presses.late} drew late" if presses.late else ""
        yield Row(
            f"{scenario.name} ({len(result.seconds)})",
            ms(median(base.seconds)),
            ms(median(result.seconds)),
            ratio,
            f"≤ {scenario.target:g}×",
            ratio <= scenario.target,
            note,
        )

    def key_group(self, group: str) -> Iterator[Row]:
        for scenario in KEY_SCENARIOS:
            if scenario.group == group:
                yield from self.keys(scenario)

    def held(self) -> Iterator[Row]:
        rounds = 1 if self.quick else 3
        results: tuple[list[measure.Held], ...] = ([], [])
        floor, ours = self.start(KEY_SCENARIOS[0], answers=True)
        with floor, ours:
            for _ in range(rounds):
                for terminal, into in zip((floor, ours), results, strict=True):
                    into.append(
                        measure.hold(terminal, scenarios.THERE_AND_BACK, scenarios.HELD_RATE, scenarios.HELD_SECONDS)
                    )
        base, result = ([held.backlog for held in series] for series in results)
        frames = [", ".join(f"{held.frames:.0f}" if held.frames else "?" for held in series) for series in results]
        yield Row(
            f"held key, backlog ({rounds} × {scenarios.HELD_SECONDS:g} s at {scenarios.HELD_RATE}/s)",
            ms(median(base)),
            ms(median(result)),
            None,
            f"≤ {ms(scenarios.BACKLOG)}",
            median(result) <= scenarios.BACKLOG,
            f"worst {ms(max(result))}; frames a second {frames[1]} (floor {frames[0]})",
        )

    def first_frame(self) -> Iterator[Row]:
        count = 3 if self.quick else 7
        floor_drawn = (Milestone("floor", (FLOOR_DRAWN,), 1),)
        base: list[float] = []
        seen: dict[str, list[float | None]] = {milestone.name: [] for milestone in self.milestones}
        for number in range(count + 1):
            with Terminal(FLOOR) as floor:
                first = measure.first_frames(floor, floor_drawn)["floor"]
            with Terminal((*self.command, *EXPLORER)) as ours:
                times = measure.first_frames(ours, self.milestones)
            if number:  # the first start warms the disk cache
                base.append(first or 0.0)
                for name, when in times.items():
                    seen[name].append(when)
        for milestone in self.milestones:
            values = [when for when in seen[milestone.name] if when is not None]
            ratio = median(values) / median(base) if len(values) == count else None
            yield Row(
                f"start, {milestone.name} ({count})",
                ms(median(base)),
                ms(median(values)) if values else "not seen",
                ratio,
                f"≤ {milestone.target:g}×",
                ratio is not None and ratio <= milestone.target,
                ""
                if ratio
                else f"seen in {len(values)} of {count} starts: " + " ".join(p.pattern for p in milestone.patterns),
            )

    def memory(self) -> Iterator[Row]:
        marks = [self.times(mark) for mark in scenarios.MEMORY_PRESSES]
        floor, ours = self.start(KEY_SCENARIOS[0])
        with floor, ours:
            base, result = (list(measure.memory(shown, scenarios.MEMORY_KEYS, marks)) for shown in (floor, ours))
        yield Row(
            f"memory after {marks[0]:,} and {marks[1]:,} presses",
            f"{base[1] / 1e6:.1f} MB",
            f"{result[1] / 1e6:.1f} MB",
            None,
            f"≤ +{scenarios.MEMORY_GROWTH / 1e6:g} MB",
            result[1] - result[0] <= scenarios.MEMORY_GROWTH,
            f"{(result[1] - result[0]) / 1e6:+.2f} MB between (floor {(base[1] - base[0]) / 1e6:+.2f})",
        )

    def commands(self) -> Iterator[Row]:
        with tempfile.TemporaryDirectory() as home:
            env = clean_env(Path(home))
            tried = {
                "lossterm --help": ((*self.command, "--help"), {"textual", "plotext", "numpy"}),
                "lossterm table": ((*self.command, "table"), {"textual", "plotext"}),
            }
            bare = (sys.executable, "-c", "pass")
            base: list[float] = []
            seconds: dict[str, list[float]] = {name: [] for name in tried}
            for number in range(3 if self.quick else 11):
                for name, command in (("", bare), *((name, command) for name, (command, _) in tried.items())):
                    took = measure.wall(command, env)
                    if number:
                        (seconds[name] if name else base).append(took)
            for name, (command, heavy) in tried.items():
                found = heavy & measure.imported(command, env)
                yield Row(
                    f"{name} ({len(base)})",
                    ms(median(base)),
                    ms(median(seconds[name])),
                    median(seconds[name]) / median(base),
                    "no textual",
                    "textual" not in found,
                    f"imports {', '.join(sorted(found))}" if found else f"imports no {', '.join(sorted(heavy))}",
                )

    def long_table(self) -> Iterator[Row]:
        points = f"--at=-8:8:{scenarios.TABLE_POINTS}"
        with tempfile.TemporaryDirectory() as home:
            for form in ("text", "csv", "json"):
                command = (*self.command, "table", "--loss", "ce,mse", points, "--format", form)
                first, total, lines = measure.stream(command, clean_env(Path(home)))
                yield Row(
                    f"table of {scenarios.TABLE_POINTS:,} points, {form}",
                    "",
                    f"{total:.2f} s",
                    None,
                    f"≤ {scenarios.TABLE_SECONDS:g} s",
                    total <= scenarios.TABLE_SECONDS,
                    f"first byte after {first:.2f} s, {lines:,} lines",
                )


GROUPS: dict[str, Callable[[Bench], Iterator[Row]]] = {
    **{scenario.group: partial(Bench.key_group, group=scenario.group) for scenario in KEY_SCENARIOS},
    "held": Bench.held,
    "first-frame": Bench.first_frame,
    "memory": Bench.memory,
    "commands": Bench.commands,
    "table": Bench.long_table,
    "data": lambda bench: files.rows(quick=bench.quick),
}


def main() -> int:
    """Measure, print the table; 1 when something could not be run."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", help="groups, comma-separated: " + ", ".join(GROUPS))
    parser.add_argument("--quick", action="store_true", help="fewer repetitions")
    parser.add_argument("--command", default=f"{sys.executable} -m lossterm", help="the program (default: %(default)s)")
    parser.add_argument(
        "--axes", type=re.compile, default=scenarios.AXES, help="pattern that tells that axes are shown"
    )
    options = parser.parse_args()
    chosen = options.only.split(",") if options.only else list(GROUPS)
    if unknown := set(chosen) - set(GROUPS):
        parser.error(f"unknown group {', '.join(unknown)}; groups are {', '.join(GROUPS)}")
    panes, curves = scenarios.MILESTONES
    bench = Bench(
        tuple(shlex.split(options.command)),
        options.quick,
        (replace(panes, patterns=(scenarios.PANES, options.axes)), curves),
    )
    rows: list[Row] = []
    failed = False
    for name in chosen:
        print(f"{name} …", file=sys.stderr, flush=True)
        try:
            rows.extend(GROUPS[name](bench))
        except (AssertionError, OSError) as error:
            failed = True
            print(f"{name}: {error}", file=sys.stderr)
            rows.append(Row(name, note=f"could not be run: {str(error).partition(chr(10))[0]}"))
    print(table(rows))
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
