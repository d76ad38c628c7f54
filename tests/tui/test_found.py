"""The palette finds things by the words that people use, on every screen; choosing one goes to where it is."""

from __future__ import annotations

from typing import Any

import pytest

from lossterm.curves.options import restored_view, saved_picture
from lossterm.curves.view import View
from lossterm.features import FEATURES
from lossterm.model.options import Option
from lossterm.model.subject_options import SUBJECT, saved_subject
from lossterm.predictions import options as of_data
from lossterm.race import options as of_race
from lossterm.race.course import Course
from lossterm.tui.palette import found
from lossterm.tui.screen import FeatureScreen
from tests.harness import program

WORDS = """
gradient derivative slope curvature hessian help manual export save screenshot weight gamma alpha delta tau sigma
pos_weight hyperparameter saturat saturated vanishing plateau nan inf infinite overflow 0.693 2.303 stuck temperature
softmax multiclass entropy kl bits perplexity distillation teacher smoothing undo redo back quit exit copy clipboard csv
svg zoom window range reset filter search theme color dark light learning rate lr sgd momentum newton optimizer
convergence-free imbalance imbalanced outlier noise robust regression calibration calibrated ece accuracy auc auroc
confusion threshold precision histogram worst open load parquet demo convex proper lipschitz bounded choose compare
probability logit sigmoid activation label target reference likelihood risk bayes minimum inflection crossing huber bce
mse nll hinge focal l1 poisson median quantile train epochs
""".replace("convergence-free", "converge").split()

FIRST = {
    "help": "What is seen", "undo": "Undo", "temperature": "temperature", "0.693": "0.693", "saturated": "Saturation",
    "nan": "NaN", "quit": "Leave", "calibration": "Calibration", "learning rate": "learning rate",
    "confusion": "confusion", "screenshot": "SVG", "theme nord": "Theme: nord",
}  # fmt: skip
"""What is to stand among the first three where a word is typed."""


@pytest.mark.parametrize("name", [feature.name for feature in FEATURES])
async def test_every_word_finds_something_on_every_screen(name: str) -> None:
    app = program(start=name)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        entries = app.palette_entries()
        assert [word for word in WORDS if not found(entries, word)] == []
        for typed, wanted in FIRST.items():
            first = [entry.name for entry in found(entries, typed)[:3]]
            assert any(wanted.lower() in text.lower() for text in first), (typed, first)


def with_a_way(options: Any) -> list[Option[Any, Any]]:
    """The options that have a key or a row."""
    return [option for option in options if option.keys or option.back_keys]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("race", [*with_a_way(of_race.KEPT), *of_race.pane_of(Course(start=0.0)), *of_race.FLAGS]),
        ("data", [*with_a_way(of_data.LOOK), of_data.THRESHOLD, of_data.TEMPERATURE, of_data.SMOOTHING]),
        ("curves", with_a_way(SUBJECT)),
    ],
)
async def test_every_option_with_a_key_or_a_row_is_found(name: str, options: list[Option[Any, Any]]) -> None:
    app = program(start=name)
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.pause()
        entries = app.palette_entries()
        for option in options:
            if option in (of_race.EXAMPLES,):
                continue  # a flag alone
            for typed in (option.title, option.name.replace("_", " "), option.option_string):
                assert found(entries, typed), (option.name, typed)


@pytest.mark.parametrize("feature", FEATURES, ids=lambda feature: feature.name)
@pytest.mark.sampled(3)
@pytest.mark.exhaustive
async def test_what_another_screen_has_opens_that_screen(feature: Any) -> None:
    start = "properties" if feature.name != "properties" else "curves"
    for topic in feature.topics:
        app = program(start=start)
        async with app.run_test(size=(120, 40)) as pilot:
            await pilot.pause()
            (entry,) = [entry for entry in app.palette_entries() if entry.name == topic.name]
            screen = app.screen
            assert isinstance(screen, FeatureScreen)
            await screen.run_command(entry.action)
            await pilot.pause()
            if topic.action:  # it asks, on the screen that there is
                assert app.current_mode == start and screen.prompt.is_open
                continue
            assert app.current_mode == feature.name
            now = app.screen
            assert isinstance(now, FeatureScreen)
            told = dict(now.kept())
            if feature.name == "curves":
                told |= saved_subject(now.state.subject)
            for key, value in topic.setting.items():
                within = value.items() if isinstance(value, dict) else [(key, value)]
                holder = told[key] if isinstance(value, dict) else told
                for inner, wanted in within:
                    assert holder[inner] == wanted, (topic.name, inner)


def test_a_topic_of_curves_is_a_view() -> None:
    for topic in FEATURES[0].topics:
        view = restored_view(View(logit=3.0, label=0.0, activation="tanh", axis="prediction"), topic.setting)
        told = {**saved_subject(view), **saved_picture(view)}
        assert {name: told[name] for name in topic.setting} == dict(topic.setting)
