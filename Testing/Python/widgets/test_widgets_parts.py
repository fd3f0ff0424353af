"""The parts of the panels, each on its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import qt

from NeuroOrbitLib.classifiers.card import Answer
from NeuroOrbitLib.jobs import Failure, Log, Progress, Result
from NeuroOrbitLib.models import Inventory, ModelFacts, ModelPackage, ModelProblem
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.labels import wrapping_label
from NeuroOrbitLib.widgets.model_chooser import ModelChooser
from NeuroOrbitLib.widgets.notice import NoticeBanner
from NeuroOrbitLib.widgets.progress_dialog import progress_dialog
from NeuroOrbitLib.widgets.report_button import ReportButton
from NeuroOrbitLib.widgets.result_card import ResultCard
from NeuroOrbitLib.widgets.run_control import RunControl, RunState


def package(name, title):
    facts = ModelFacts(name, "2.0.1", title, "CT", ("eyeball",), "synthetic phantoms", "Apache-2.0", "none")
    return ModelPackage(Path(name), facts, "ab" * 32, 10)


def chooser(packages, problems=()):
    chosen = []
    made = ModelChooser(lambda folder: Inventory(tuple(packages), tuple(problems)), chosen.append)
    return made, chosen


class ScriptedRun:
    """A run that tells what it is given, one list of events per poll."""

    def __init__(self, *polls):
        self.polls, self.cancelled = list(polls), False

    @property
    def finished(self):
        return self.cancelled or not self.polls

    def poll(self):
        events = self.polls.pop(0)
        if isinstance(events, Exception):
            raise events
        return events

    def cancel(self):
        self.cancelled = True


@pytest.fixture
def control(slicer_session):
    """Makes a control whose runs are scripted; returns it with the list of ends that it reported."""
    def make(start):
        ends = []
        button = qt.QPushButton("Apply")
        made = RunControl(button, start, lambda end, run: ends.append((end, run)))
        made.set_can_apply("", "Start")
        return made, ends

    return make


def test_most_severe_notice_comes_first_and_gives_the_colour(slicer_session):
    banner = NoticeBanner()
    banner.show_notices([{"level": "info", "text": "Fine."}, {"level": "error", "text": "Broken."}])
    assert banner.text == "Broken.\nFine."
    assert "#d03a2b" in banner.styleSheet
    assert not banner.isHidden()


def test_banner_without_notices_takes_no_place(slicer_session):
    banner = NoticeBanner()
    banner.show_notice("info", "Hello")
    banner.clear_notices()
    assert banner.isHidden()


def test_notices_are_plain_text(slicer_session):
    banner = NoticeBanner()
    banner.show_notice("warning", "<b>5 < 6</b>")
    assert banner.textFormat == qt.Qt.PlainText


def test_names_of_scans_are_shown_as_they_are_where_texts_wrap(control):
    label = wrapping_label("anyLabel")
    assert label.textFormat == qt.Qt.PlainText and label.wordWrap
    assert wrapping_label("tableLabel", is_rich=True).textFormat == qt.Qt.RichText
    made, _ends = control(lambda: None)
    assert made.status_label.textFormat == qt.Qt.PlainText


def test_choosing_a_model_reports_its_name(slicer_session):
    made, chosen = chooser([package("a", "First"), package("b", "Second")])
    made.combo_box.setCurrentIndex(1)
    made.combo_box.activated.emit(1)
    assert chosen == ["b"]
    assert made.current_package().title == "Second"


def test_tool_tip_tells_what_the_model_has_learned_from(slicer_session):
    made, _chosen = chooser([package("a", "First")])
    made.set_current_name("a")
    assert "Trained on: synthetic phantoms" in made.combo_box.toolTip
    assert "Licence: Apache-2.0" in made.combo_box.itemData(0, qt.Qt.ToolTipRole)


def test_missing_models_say_what_to_do_and_why(slicer_session):
    made, _chosen = chooser([], [ModelProblem("The folder X is damaged.")])
    made.set_current_name("a")
    assert "No model is installed." in made.problem()
    assert "The folder X is damaged." in made.problem()


def test_packages_that_are_left_out_are_told_while_others_can_be_chosen(slicer_session):
    made, _chosen = chooser([package("a", "First")], [ModelProblem("The name <b>a</b> is taken.")])
    made.set_current_name("a")
    assert made.problem() == "" and not made.problems_label.isHidden()
    assert "The name <b>a</b> is taken." in made.problems_label.text
    assert made.problems_label.textFormat == qt.Qt.PlainText
    made, _chosen = chooser([package("a", "First")], [ModelProblem("One."), ModelProblem("Two.")])
    assert "2 model packages are left out" in made.problems_label.text and "Two." in made.problems_label.toolTip
    made, _chosen = chooser([package("a", "First")])
    assert made.problems_label.isHidden()


def test_models_with_one_title_are_told_apart(slicer_session):
    made, _chosen = chooser([package("a", "Same"), package("b", "Same"), package("c", "Other")])
    assert [made.combo_box.itemText(index) for index in range(3)] == ["Same (a)", "Same (b)", "Other"]


def test_users_folder_is_remembered_and_passed_on(slicer_session):
    asked = []
    made = ModelChooser(lambda folder: asked.append(folder) or Inventory((), ()), lambda name: None)
    made.set_folder("/models/mine")
    assert asked[-1] == "/models/mine"
    assert ModelChooser(lambda folder: Inventory((), ()), lambda name: None).folder() == "/models/mine"
    made.set_folder("")


def test_a_chosen_folder_without_a_model_for_the_list_is_told(slicer_session, tmp_path, monkeypatch):
    """The list stayed as it was, and nothing said that the folder was not the right one."""
    foreign, own = tmp_path / "foreign", tmp_path / "own"
    for name in ("empty", "foreign/lesions/configs", "own"):
        (tmp_path / name).mkdir(parents=True)
    (foreign / "lesions" / "configs" / "metadata.json").write_text('{"neuro_orbit": {}}', encoding="utf-8")
    mine = replace(package("mine", "Mine"), folder=own / "mine")
    made = ModelChooser(lambda folder: Inventory((mine,) if Path(folder) in (own, mine.folder) else (), ()), str)
    told = {}
    for folder in (tmp_path / "empty", foreign, own, mine.folder):
        monkeypatch.setattr(qt.QFileDialog, "getExistingDirectory", lambda *_, folder=folder: str(folder))
        made.folder_button.click()
        told[folder.name] = "" if made.problems_label.isHidden() else made.problems_label.text
    made.set_folder("")
    assert told["empty"].startswith(f"There is no model in {tmp_path / 'empty'}. Choose the folder that a training")
    assert told["foreign"] == f"The models in {foreign} are not for this list."
    assert told["own"] == told["mine"] == ""


def test_events_of_a_run_reach_the_user_and_the_end_is_reported(control):
    run = ScriptedRun([Progress(0.5, "Halfway", 20.0), Progress(0.5, "", 20.0), Log("line")], [Result(42)])
    made, ends = control(lambda: run)
    made.begin()
    made.poll()
    assert made.progress_bar.value == 500
    assert made.status_label.text == "Halfway – about 20 s left"
    assert not made.apply_button.enabled
    made.poll()
    assert ends == [(Result(42), run)]
    assert made.state is RunState.IDLE
    assert made.apply_button.enabled
    told = [line.split(" ", 1)[-1] for line in made.log_view.content().split("\n")]
    assert told == ["Starting…", "Halfway", "line"]


def test_cancel_goes_through_cancelling_and_reports_none(control):
    run = ScriptedRun([], [])
    made, ends = control(lambda: run)
    made.begin()
    states = []
    run.cancel = lambda: (states.append(made.state), setattr(run, "cancelled", True))
    made.cancel()
    assert states == [RunState.CANCELLING]
    assert ends == [(None, run)]


def test_problem_at_the_start_is_reported_in_its_own_words(control):
    def start():
        raise Problem("Select a scan first.")

    made, ends = control(start)
    made.begin()
    assert ends == [(Failure("Select a scan first."), None)]
    assert made.state is RunState.IDLE


def test_fault_while_polling_ends_the_run_and_goes_to_the_log(control):
    run = ScriptedRun(ZeroDivisionError("oops"), [])
    made, ends = control(lambda: run)
    made.begin()
    made.poll()
    assert "Something went wrong" in ends[0][0].text
    assert run.cancelled
    assert "ZeroDivisionError" in made.log_view.content()
    assert made.state is RunState.IDLE


def test_abandoned_run_is_stopped_and_not_reported(control):
    run = ScriptedRun([], [])
    made, ends = control(lambda: run)
    made.begin()
    made.abandon()
    assert run.cancelled
    assert ends == []


def test_reason_against_starting_is_the_tool_tip(control):
    made, _ends = control(lambda: ScriptedRun())
    made.set_can_apply("Select a scan first.", "Start")
    assert (made.apply_button.enabled, made.apply_button.toolTip) == (False, "Select a scan first.")


def test_several_buttons_share_one_control_and_each_hears_of_its_own_runs(control):
    run = ScriptedRun([Result(1)])
    made, ends = control(lambda: ScriptedRun([]))
    other, others_ends = qt.QPushButton("Explain"), []
    made.add_button(other, lambda: run, lambda end, run: others_ends.append(end))
    made.set_can_apply("", "Explain it", other)
    made.begin(other)
    assert not made.apply_button.enabled and not other.enabled
    made.poll()
    assert others_ends == [Result(1)] and ends == []
    assert made.apply_button.enabled and other.toolTip == "Explain it"


def test_answer_of_a_classifier_is_shown_as_text_and_disappears(slicer_session):
    card = ResultCard()
    assert card.isHidden()
    card.set_answer(Answer("Active: 78 %", True, 0.78, (0.6, 0.9), 0.5, [("Interval", "60 % < p < 90 %")]))
    assert card.headline_label.text == "Active: 78\u00a0%"
    assert "60\u00a0% &lt; p &lt; 90\u00a0%" in card.lines_label.text
    assert "research use only" in card.research_label.text.lower()
    card.set_answer(None)
    assert card.isHidden()


# Runs whose start takes time, as that which installs packages first


def starting(control, meanwhile):
    """A control whose start lets the user do something; gives it with the runs that it started and their ends."""
    runs = []

    def start():
        runs.append(ScriptedRun([Result(42)]))
        if len(runs) == 1:
            meanwhile(made)
        return runs[-1]

    made, ends = control(start)
    made.begin()
    return made, runs, ends


def test_a_second_press_while_a_run_is_being_started_starts_no_other(control):
    made, runs, ends = starting(control, lambda made: made.apply_button.click())
    assert len(runs) == 1 and made.run is runs[0] and not ends
    made, runs, ends = starting(control, RunControl.begin)
    assert len(runs) == 1 and made.run is runs[0] and not ends


def test_a_run_that_is_cancelled_while_it_is_being_started_ends_as_soon_as_it_has_started(control):
    made, runs, ends = starting(control, RunControl.cancel)
    assert runs[0].cancelled and made.state is RunState.IDLE
    assert ends == [(None, runs[0])]


def test_a_run_whose_panel_goes_while_it_is_being_started_is_ended_without_a_word(control):
    made, runs, ends = starting(control, RunControl.abandon)
    assert runs[0].cancelled and made.state is RunState.IDLE and not ends


def test_nothing_else_can_be_done_while_a_progress_dialog_is_shown(slicer_session):
    with progress_dialog("Report", "Writing the report"):
        dialog = next(each for each in qt.QApplication.topLevelWidgets() if isinstance(each, qt.QProgressDialog))
        assert dialog.windowModality == qt.Qt.ApplicationModal


def brightness(color):
    """Relative luminance, as in WCAG."""
    parts = (color.redF(), color.greenF(), color.blueF())
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("is_positive", [True, False])
@pytest.mark.parametrize("background", ["#ffffff", "#efefef", "#353535"])
def test_the_headline_of_an_answer_can_be_read_on_light_and_dark_themes(slicer_session, is_positive, background):
    card = ResultCard()
    card.set_answer(Answer("Active", is_positive, 0.5, (0.4, 0.6), 0.5))
    color = card.headline_label.styleSheet.split("color: ")[1][:7]
    ink, paper = (brightness(qt.QColor(each)) for each in (color, background))
    assert (max(ink, paper) + 0.05) / (min(ink, paper) + 0.05) > 2.9, "large text needs 3 to 1"


@pytest.mark.parametrize(("typed", "written"), [("page", "page.html"), ("page.PDF", "page.PDF"), ("v1.2", "v1.2.html")])
def test_the_report_of_a_classifier_gets_a_name_that_every_system_takes_and_an_ending(monkeypatch, slicer_session,
                                                                                     tmp_path, typed, written):
    suggested, pages = [], []
    monkeypatch.setattr(qt.QFileDialog, "getSaveFileName",
                        lambda _parent, _title, name, *_: suggested.append(name) or str(tmp_path / typed))
    monkeypatch.setattr(ReportButton, "write", lambda _button, path: pages.append(path))
    clicked = qt.QPushButton()
    button = ReportButton(clicked, NoticeBanner(), None, "activity.html")
    button.set_result(SimpleNamespace(record={"input": {"name": "5: T2/FS cor"}}), None)
    clicked.click()
    button.set_result(SimpleNamespace(record={"input": {}}), None)
    clicked.click()
    assert suggested == ["5-T2-FS-cor-activity.html", "activity.html"]
    assert pages == 2 * [tmp_path / written]
