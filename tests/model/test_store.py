"""What is kept between runs: a round trip, and no file at all that can stop the program from starting."""

import json
import math
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lossterm.core.losses.formulas import LOSSES
from lossterm.curves.options import restored_picture
from lossterm.curves.view import View, move_to, next_axis, next_scale, next_slope, with_subject, zoom
from lossterm.model import store as session
from lossterm.model.store import Saved, load, save, state_file
from tests.curves.changes import (
    add_variant,
    make_reference,
    next_smoothing,
    set_activation,
    set_label,
    set_parameter,
    toggle,
)
from tests.curves.test_view import VIEWS, assert_valid
from tests.harness import saved_of

Document = dict[str, Any]


def rich_view() -> View:
    """A view in which nothing is at its default."""
    view = set_parameter(add_variant(make_reference(View(), 2), 2), 3, "alpha", 0.25)
    view = toggle(make_reference(view, 3), 0)
    view = next_smoothing(set_label(set_activation(view, "tanh"), 0.9))
    view = zoom(next_axis(zoom(move_to(view, -12.125), 0.5, -12.0)), 0.5, 0.25)
    return replace(next_slope(next_scale(view)), both_labels=True)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "state.json"


def written(path: Path, view: View | None = None) -> Document:
    """Save a good file and return it as data."""
    assert save(saved_of(view or rich_view(), theme="nord"), path) == ""
    document = json.loads(path.read_text("utf-8"))
    assert isinstance(document, dict)
    return document


def view_in(saved: Saved) -> View:
    """The view that Curves opens with."""
    assert saved.subject is not None
    return restored_picture(with_subject(View(), saved.subject), saved.screens.get("curves", {}))


def part(document: Document, field: str) -> Document:
    """The part of a document that holds a field of a view."""
    held: Document = document["subject"] if field in document["subject"] else document["screens"]["curves"]
    return held


def leftovers(path: Path) -> list[str]:
    return sorted(each.name for each in path.parent.iterdir())


def assert_set_aside(path: Path, content: bytes) -> Saved:
    """Loading gives nothing but a notice, and what was there is kept under another name."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    saved = load(path)
    assert saved.subject is None and saved.theme is None and dict(saved.screens) == {}
    assert saved.notice and "\n" not in saved.notice.strip()
    assert not path.exists()
    (aside,) = path.parent.iterdir()
    assert aside.read_bytes() == content
    assert str(aside) in saved.notice
    assert save(saved_of(View()), path) == ""
    assert load(path) == saved_of(View())
    assert aside.read_bytes() == content
    aside.unlink()
    path.unlink()
    return saved


# ---- round trip ------------------------------------------------------------------------------------------------------


def test_nothing_where_there_is_nothing(path: Path) -> None:
    assert load(path) == Saved()
    assert not path.parent.exists()


def test_everything_comes_back(path: Path) -> None:
    saved = saved_of(rich_view(), theme="solarized-light", screens={"softmax": {"logits": [8.0, 0, None]}, "race": {}})
    assert save(saved, path) == ""
    assert load(path) == saved
    assert leftovers(path) == ["state.json"]


@settings(max_examples=200)
@given(VIEWS, st.none() | st.text())
@pytest.mark.exhaustive
def test_any_view_comes_back(tmp_path_factory: pytest.TempPathFactory, view: View, theme: str | None) -> None:
    path = tmp_path_factory.mktemp("state") / "state.json"
    assert save(saved_of(view, theme=theme), path) == ""
    assert load(path) == saved_of(view, theme=theme)


def test_the_narrowest_windows_come_back(path: Path) -> None:
    for start in (View(), next_axis(View()), set_activation(next_axis(View()), "exp")):
        for share in (0.0, 0.3, 0.7, 1.0):
            for factor in (0.5, 0.8, 0.31, 0.9):
                view = start
                for _ in range(300):
                    lo, hi = view.window
                    view = zoom(view, factor, lo + share * (hi - lo))
                save(saved_of(view), path)
                assert load(path) == saved_of(view)


def test_a_view_that_was_never_opened_is_not_invented(path: Path) -> None:
    save(Saved(theme="nord"), path)
    assert load(path) == Saved(theme="nord")


def test_the_last_writer_wins(path: Path) -> None:
    for label in (0.0, 1.0, 0.5):
        save(saved_of(set_label(View(), label)), path)
    view = view_in(load(path))
    assert view.label == 0.5
    assert leftovers(path) == ["state.json"]


def test_it_is_where_the_platform_keeps_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert state_file().parent == tmp_path / "lossterm"
    assert save(saved_of(View(), theme="x")) == ""
    assert state_file().exists()
    assert load() == saved_of(View(), theme="x")


def test_the_file_is_strict_json_with_a_version(path: Path) -> None:
    document = written(path)
    assert document["version"] == session.VERSION == 2
    assert "NaN" not in path.read_text() and "Infinity" not in path.read_text()


# ---- broken files ----------------------------------------------------------------------------------------------------

BROKEN: dict[str, bytes] = {
    "empty": b"",
    "blank": b" \n\t",
    "not json": b"hello",
    "binary": bytes(range(256)),
    "zeros": b"\0" * 4096,
    "utf-16": '{"version": 1}'.encode("utf-16"),
    "truncated utf-8": '{"version": 1, "theme": "∂'.encode()[:-1],
    "half a document": b'{"version": 1, "theme": "nord", "curves": {"rows": [{"lo',
    "two documents": b'{"version": 1}{"version": 1}',
    "a comment": b'// hand-edited\n{"version": 1}',
    "null": b"null",
    "a number": b"1",
    "a string": b'"version"',
    "a list": b'[{"version": 1}]',
    "no version": b"{}",
    "a newer version": b'{"version": 3, "subject": null}',
    "an older version": b'{"version": 0}',
    "a version of text": b'{"version": "1"}',
    "a version of nothing": b'{"version": null}',
    "a list of versions": b'{"version": [1]}',
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"a":' * 200_000,
    "deep and closed": b'{"version": 1, "curves": ' + b"[" * 100_000 + b"]" * 100_000 + b"}",
    "digits without end": b'{"version": 1, "curves": ' + b"9" * 10_000 + b"}",
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_set_aside(path: Path, kind: str) -> None:
    assert_set_aside(path, BROKEN[kind])


HUGE = int("9" * 400)
"""An integer that JSON can hold and no float can."""

WRONG_VALUES: list[Any] = [
    None, True, "1", "", [], {}, [1], {"a": 1}, math.nan, math.inf, -math.inf, HUGE, -HUGE, 1e308, -1, 10**15, "NaN",
]  # fmt: skip


@pytest.mark.parametrize("value", WRONG_VALUES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("where", [
    "rows", "reference", "label", "smoothing", "activation", "logit", "axis", "slope", "both_labels", "scale",
    "logit_range", "prediction_range",
])  # fmt: skip
def test_a_field_of_any_other_kind_is_no_exception(path: Path, where: str, value: Any) -> None:
    document = written(path)
    part(document, where)[where] = value
    assert_survives(path, document)


@pytest.mark.parametrize("value", WRONG_VALUES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize(
    "change",
    [
        lambda d, v: d["subject"]["rows"].__setitem__(0, v),
        lambda d, v: d["subject"]["rows"][0].__setitem__("loss", v),
        lambda d, v: d["subject"]["rows"][0].__setitem__("params", v),
        lambda d, v: d["subject"]["rows"][0].__setitem__("shown", v),
        lambda d, v: d["subject"]["rows"][2]["params"].__setitem__("gamma", v),
        lambda d, v: d["subject"]["rows"][2]["params"].__setitem__("alpha", v),
        lambda d, v: d["subject"]["rows"][2]["params"].__setitem__("no such parameter", v),
        lambda d, v: d["screens"]["curves"].__setitem__("logit_range", [v, 8]),
        lambda d, v: d["screens"]["curves"].__setitem__("logit_range", [-8, v]),
        lambda d, v: d["screens"]["curves"].__setitem__("prediction_range", [v, 1]),
        lambda d, v: d.__setitem__("theme", v),
        lambda d, v: d.__setitem__("screens", v),
        lambda d, v: d.__setitem__("subject", v),
        lambda d, v: d["screens"].__setitem__("curves", v),
        lambda d, v: d.__setitem__("version", v),
    ],
)
def test_a_part_of_any_other_kind_is_no_exception(
    path: Path, change: Callable[[Document, Any], None], value: Any
) -> None:
    document = written(path)
    change(document, value)
    assert_survives(path, document)


def assert_survives(path: Path, document: Any) -> None:
    """The file is read into something valid, or, where it is no document at all, set aside as it is."""
    content = json.dumps(document).encode()
    path.write_bytes(content)
    saved = load(path)
    if saved.notice:
        assert saved.subject is None
        assert not path.exists()
        assert [each.read_bytes() for each in path.parent.iterdir()] == [content]
    else:
        assert path.read_bytes() == content
        if saved.subject is not None:
            view = view_in(saved)
            assert_valid(view)
            assert save(saved_of(view, theme=saved.theme), path) == ""
            assert view_in(load(path)) == view


@pytest.mark.parametrize("value", WRONG_VALUES, ids=lambda value: repr(value)[:12])
@pytest.mark.parametrize("where", ["label", "activation", "axis", "scale", "logit_range", "theme"])
def test_one_unknown_word_loses_nothing_else(path: Path, where: str, value: Any) -> None:
    document = written(path)
    (document if where == "theme" else part(document, where))[where] = value
    document["screens"]["race"] = {"kept": 1}
    path.write_text(json.dumps(document))
    saved = load(path)
    assert saved.notice == "" and saved.screens["race"] == {"kept": 1}
    assert where == "theme" or saved.theme == "nord"
    view = view_in(saved)
    fields = {"label", "smoothing", "activation", "prediction_range", where}  # what depends on each other
    for name in ("slope", "scale", "both_labels", "rows", "logit", "axis", "logit_range"):
        assert name in fields or getattr(view, name) == getattr(rich_view(), name), name


def test_what_the_version_before_wrote_is_read(path: Path) -> None:
    document = written(path)
    old = {"version": 1, "theme": "nord", "curves": {**document["subject"], **document["screens"]["curves"]},
           "screens": {"race": {"rate": 2.0}}}  # fmt: skip
    path.write_text(json.dumps(old))
    saved = load(path)
    assert (view_in(saved), saved.theme, saved.notice) == (rich_view(), "nord", "")
    assert saved.screens["race"] == {"rate": 2.0}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8) | st.sampled_from(list(LOSSES)),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=8,
)
FIELDS = ["rows", "reference", "label", "smoothing", "activation", "logit", "axis", "slope", "scale", "logit_range"]


@settings(max_examples=300)
@given(
    changes=st.dictionaries(st.sampled_from(FIELDS), JSON, min_size=1),
    missing=st.sets(st.sampled_from(FIELDS), max_size=1),
)
@pytest.mark.exhaustive
def test_any_data_at_all(tmp_path_factory: pytest.TempPathFactory, changes: Document, missing: set[str]) -> None:
    path = tmp_path_factory.mktemp("state") / "state.json"
    document = written(path, View())
    for name, value in changes.items():
        part(document, name)[name] = value
    for name in missing:
        part(document, name).pop(name)
    assert_survives(path, document)


@settings(max_examples=200)
@given(content=st.binary(max_size=200))
def test_any_bytes_at_all(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    assert_set_aside(tmp_path_factory.mktemp("state") / "state.json", content)


@pytest.mark.parametrize("cut", [1, 10, 0.3, 0.6, 0.9, -3, -1])
def test_a_file_cut_short(path: Path, cut: float) -> None:
    written(path)
    whole = path.read_bytes()
    path.unlink()
    assert_set_aside(path, whole[: int(cut * len(whole)) if isinstance(cut, float) else int(cut)])


# ---- what a different version wrote ----------------------------------------------------------------------------------


def test_a_loss_of_a_later_version_is_left_out(path: Path) -> None:
    document = written(path, make_reference(View(), 4))
    document["subject"]["rows"].insert(1, {"loss": "arcface", "params": {"margin": 0.5}, "shown": True})
    document["subject"]["reference"] += 1
    path.write_text(json.dumps(document))
    saved = load(path)
    assert saved.notice == "left out of the saved view, for they are defined no more: arcface"
    assert saved.subject is not None
    assert_valid(view_in(saved))
    assert [view_in(saved).rows[i].loss for i in view_in(saved).shown] == [
        "cross-entropy",
        "squared-error",
        "absolute-error",
    ]
    assert view_in(saved).rows[view_in(saved).reference].loss == "absolute-error"


def test_a_loss_that_an_earlier_version_did_not_know_is_added(path: Path) -> None:
    document = written(path, make_reference(View(), 4))
    gone = document["subject"]["rows"].pop(2)
    assert gone["loss"] == "focal"
    document["subject"]["reference"] -= 1
    path.write_text(json.dumps(document))
    view = view_in(load(path))
    assert_valid(view)
    assert view.rows[view.reference].loss == "absolute-error"
    assert not next(r for r in view.rows if r.loss == "focal").shown


def test_rows_in_another_order(path: Path) -> None:
    document = written(path, make_reference(View(), 4))
    document["subject"]["rows"].reverse()
    document["subject"]["reference"] = len(document["subject"]["rows"]) - 1 - document["subject"]["reference"]
    path.write_text(json.dumps(document))
    view = view_in(load(path))
    assert_valid(view)
    assert view.rows[view.reference].loss == "absolute-error"


def test_a_reference_that_is_not_shown_is_replaced(path: Path) -> None:
    document = written(path, View())
    document["subject"]["reference"] = 7
    path.write_text(json.dumps(document))
    view = view_in(load(path))
    assert view.reference == 0


def test_a_far_point_is_brought_back(path: Path) -> None:
    document = written(path, View())
    document["subject"]["logit"] = 1e300
    path.write_text(json.dumps(document))
    view = view_in(load(path))
    assert_valid(view)


def test_what_it_does_not_know_is_ignored(path: Path) -> None:
    document = written(path)
    document["later"] = {"a": [1, 2]}
    document["screens"]["curves"]["later"] = 7
    document["subject"]["later"] = 7
    path.write_text(json.dumps(document))
    assert view_in(load(path)) == rich_view()


# ---- where it cannot be read or written ------------------------------------------------------------------------------


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir(parents=True)
    (path / "keep").write_text("me")
    saved = load(path)
    assert saved.subject is None and saved.notice
    assert [each.read_text() for each in path.parent.rglob("keep")] == ["me"]
    assert save(saved_of(View()), path) == ""
    assert view_in(load(path)) == View()


def test_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("mine")
    path = tmp_path / "state" / "state.json"
    saved = load(path)
    assert saved.subject is None
    assert "not saved" in save(saved_of(View()), path)
    assert (tmp_path / "state").read_text() == "mine"


def test_an_unreadable_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path)
    content = path.read_bytes()

    def refuse(name: object, *_: object, **__: object) -> str:
        raise PermissionError(13, "Permission denied", str(name))

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        saved = load(path)
    assert saved.subject is None and "Permission denied" in saved.notice
    assert [each.read_bytes() for each in path.parent.iterdir()] == [content]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read and write anything")
def test_a_folder_that_may_not_be_written(path: Path) -> None:
    written(path)
    path.parent.chmod(0o500)
    try:
        assert "not saved" in save(saved_of(View()), path)
        assert view_in(load(path)) == rich_view()
    finally:
        path.parent.chmod(0o700)


def test_what_cannot_be_set_aside_is_a_notice_and_left_alone(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"broken")

    def refuse(*_: object, **__: object) -> None:
        raise OSError("read-only file system")

    with monkeypatch.context() as patch:
        for name in ("replace", "rename"):
            patch.setattr(Path, name, refuse)
            patch.setattr(os, name, refuse)
        saved = load(path)
    assert saved.subject is None and saved.notice
    assert path.read_bytes() == b"broken"


@pytest.mark.parametrize("problem", [OSError("disk full"), PermissionError("no")])
def test_an_interrupted_save_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch, problem: OSError) -> None:
    written(path)

    def refuse(*_: object) -> None:
        raise problem

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", refuse)
        said = save(saved_of(View()), path)
    assert str(problem) in said
    assert view_in(load(path)) == rich_view()
    assert leftovers(path) == ["state.json"]


def test_a_save_that_is_killed_leaves_the_old_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path)

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", interrupt)
        with pytest.raises(KeyboardInterrupt):
            save(saved_of(View()), path)
    assert view_in(load(path)) == rich_view()
    assert leftovers(path) == ["state.json"]


def test_the_old_file_is_whole_until_the_moment_it_is_replaced(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written(path)
    old = path.read_bytes()
    seen: list[bytes] = []
    replace_file = os.replace

    def watch(source: str, target: str | Path) -> None:
        seen.append(path.read_bytes())
        json.loads(Path(source).read_text("utf-8"))  # what takes its place is complete by then
        assert Path(source).parent == path.parent
        replace_file(source, target)

    monkeypatch.setattr(os, "replace", watch)
    assert save(saved_of(View()), path) == ""
    assert seen == [old]
    assert view_in(load(path)) == View()


@pytest.mark.parametrize("screens", [{"race": math.nan}, {"race": object()}, {"race": {1, 2}}])
def test_what_cannot_be_written_leaves_the_old_file(path: Path, screens: dict[str, Any]) -> None:
    written(path)
    assert "not saved" in save(saved_of(View(), screens=screens), path)
    assert view_in(load(path)) == rich_view()
    assert leftovers(path) == ["state.json"]


def test_what_refers_to_itself_cannot_be_written(path: Path) -> None:
    written(path)
    circle: dict[str, Any] = {}
    circle["self"] = circle
    deep: Any = []
    for _ in range(100_000):
        deep = [deep]
    for screens in (circle, {"deep": deep}):
        assert "not saved" in save(saved_of(View(), screens=screens), path)
        assert view_in(load(path)) == rich_view()
        assert leftovers(path) == ["state.json"]


# ---- what is no file, or somewhere else -----------------------------------------------------------------------------


def test_a_symbolic_link_stays_one(tmp_path: Path) -> None:
    target, path = tmp_path / "dotfiles" / "kept.json", tmp_path / "state" / "state.json"
    path.parent.mkdir()
    path.symlink_to(target)
    assert save(saved_of(rich_view()), path) == ""
    assert path.is_symlink() and target.is_file() and not target.is_symlink()
    assert view_in(load(path)) == rich_view()
    assert save(saved_of(View()), path) == ""
    assert path.is_symlink() and view_in(load(target)) == View()
    assert [each.name for each in target.parent.iterdir()] == ["kept.json"]


def test_what_a_link_leads_to_is_set_aside_beside_it(tmp_path: Path) -> None:
    target, path = tmp_path / "kept.json", tmp_path / "state.json"
    target.write_text("{")
    path.symlink_to(target)
    assert "kept.broken.json" in load(path).notice
    assert path.is_symlink() and (tmp_path / "kept.broken.json").read_text() == "{"


@pytest.mark.parametrize("kind", ["pipe", "device"])
def test_what_never_answers_or_never_ends_is_not_waited_for(path: Path, kind: str) -> None:
    path.parent.mkdir()
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("/dev/zero")
    saved = load(path)
    assert saved.subject is None and "is no file" in saved.notice
    assert "is no file" in save(saved_of(View()), path)
    assert not path.is_file()


def test_a_file_of_any_length_is_not_read_whole(path: Path) -> None:
    path.parent.mkdir()
    with path.open("wb") as file:
        file.truncate(10**12)
    assert "more than" in load(path).notice
    assert not path.exists()


def test_a_view_that_cannot_be_shown_is_set_aside(path: Path) -> None:
    assert session.set_aside("why", path) == ""
    written(path)
    content = path.read_bytes()
    notice = session.set_aside("why", path)
    assert "why" in notice and not path.exists()
    assert [each.read_bytes() for each in path.parent.iterdir()] == [content]


def test_a_full_disk_is_told_with_the_path(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(json, "dump", full)
    assert str(path) in save(saved_of(View()), path)
    assert list(path.parent.iterdir()) == []
