"""A widget to choose a model package, with the facts that the user needs to judge it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import qt
from slicer.i18n import tr as _

from NeuroOrbitLib.models.manifest import packages_in
from NeuroOrbitLib.mrml.translation import translated
from NeuroOrbitLib.widgets.labels import wrapping_label

if TYPE_CHECKING:
    from NeuroOrbitLib.models import Inventory, ModelPackage

_FOLDER_SETTING = "NeuroOrbit/ModelFolder"


class ModelChooser(qt.QWidget):
    """A list of the model packages that can be used, and a button for choosing a folder with more packages.

    :param take_inventory: function that returns the inventory of packages, given the user's folder ("" if none was
        chosen).
    :param chosen: function called with the name of the package that the user has chosen.
    :param advice: notice to show if there is no package; "" for the default one.
    """

    def __init__(self, take_inventory: Callable[[str], Inventory], chosen: Callable[[str], None],
                 advice: str = "", parent: qt.QWidget | None = None) -> None:
        qt.QWidget.__init__(self, parent)
        self.objectName = "modelChooser"
        self._take_inventory, self._chosen = take_inventory, chosen
        self._advice = advice or _(
            "No model is installed. Install the extension again, or choose a folder with model packages.")
        self._packages: tuple[ModelPackage, ...] = ()
        self._reasons = ""
        self._name = ""
        self._followers: list[Callable[[], None]] = []
        self._make_parts()
        self.reload()

    def _make_parts(self) -> None:
        self.combo_box = qt.QComboBox()
        self.combo_box.objectName = "modelComboBox"
        self.combo_box.sizeAdjustPolicy = qt.QComboBox.AdjustToMinimumContentsLengthWithIcon
        self.combo_box.minimumContentsLength = 12
        self.combo_box.connect("activated(int)", self._on_activated)
        self.folder_button = qt.QToolButton()
        self.folder_button.objectName = "modelFolderButton"
        self.folder_button.text = "…"
        self.folder_button.toolTip = _("Choose a folder with your own model packages.")
        self.folder_button.connect("clicked(bool)", self._on_folder_button)
        self.problems_label = wrapping_label("modelProblemsLabel")
        layout = qt.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        row = qt.QHBoxLayout()
        row.addWidget(self.combo_box, 1)
        row.addWidget(self.folder_button)
        layout.addLayout(row)
        layout.addWidget(self.problems_label)

    def reload(self) -> None:
        """Read the inventory again and update the list of packages."""
        inventory = self._take_inventory(self.folder())
        self._packages = inventory.packages
        self._reasons = " ".join(translated(str(problem)) for problem in inventory.problems)
        self._show_problems([translated(str(problem)) for problem in inventory.problems])
        titles = [package.title for package in self._packages]
        self.combo_box.clear()
        for index, package in enumerate(self._packages):
            is_alone = titles.count(package.title) == 1
            self.combo_box.addItem(package.title if is_alone else f"{package.title} ({package.name})")
            self.combo_box.setItemData(index, facts(package), qt.Qt.ToolTipRole)
        self.set_current_name(self._name)
        for follower in self._followers:
            follower()

    def follow(self, follower: Callable[[], None]) -> None:
        """Call a function each time after the inventory was read, e.g. one that lists packages of another kind."""
        self._followers.append(follower)

    def _show_problems(self, problems: list[str]) -> None:
        """Show that packages were left out, with the reasons in the tool tip."""
        self.problems_label.visible = bool(problems)
        self.problems_label.toolTip = "\n\n".join(problems)
        if len(problems) == 1:
            self.problems_label.text = _("A model package is left out: {reason}").format(reason=problems[0])
        else:
            self.problems_label.text = _("{count} model packages are left out. Rest the pointer here to read "
                                         "why.").format(count=len(problems))

    def set_current_name(self, name: str) -> None:
        """Show the package of this name; :meth:`problem` says so if it is not installed."""
        self._name = name
        names = [package.name for package in self._packages]
        self.combo_box.currentIndex = names.index(name) if name in names else -1
        self.combo_box.toolTip = self.description()

    def description(self) -> str:
        """Return the facts about the chosen package, or the reason why it cannot be used."""
        package = self.current_package()
        return facts(package) if package else self.problem()

    def current_package(self) -> ModelPackage | None:
        """Return the chosen package; ``None`` if it is not installed."""
        return next((package for package in self._packages if package.name == self._name), None)

    def problem(self) -> str:
        """Return why no run is possible with the chosen model; "" if one is."""
        if self.current_package() is not None:
            return ""
        if not self._packages:
            text = self._advice
        else:
            text = _("The model '{name}' is not installed. Choose another one, or the folder that has it.").format(
                name=self._name)
        return f"{text} {self._reasons}".strip()

    def folder(self) -> str:
        """Return the user's folder of model packages, which is kept between sessions; "" if none was chosen."""
        return str(qt.QSettings().value(_FOLDER_SETTING, "") or "")

    def set_folder(self, folder: str) -> None:
        """Set the user's folder of model packages, and list its packages, too."""
        qt.QSettings().setValue(_FOLDER_SETTING, folder)
        self.reload()

    def _on_activated(self, index: int) -> None:
        self.set_current_name(self._packages[index].name)
        self._chosen(self._name)

    def _on_folder_button(self, _checked: bool = False) -> None:
        folder = qt.QFileDialog.getExistingDirectory(self, _("Folder with model packages"), self.folder())
        if folder:
            self.set_folder(folder)
            self._show_if_nothing_is_in(Path(folder))
            self._chosen(self._name)

    def _show_if_nothing_is_in(self, folder: Path) -> None:
        """Say so if the list has no package from a folder, unless a problem is shown that names the folder."""
        listed = any(folder in (package.folder, package.folder.parent) for package in self._packages)
        if listed or str(folder) in self._reasons:
            return
        text = _("The models in {folder} are not for this list.") if packages_in(folder) else _(
            "There is no model in {folder}. Choose the folder that a training wrote, or the folder that holds it.")
        self.problems_label.text = self.problems_label.toolTip = text.format(folder=folder)
        self.problems_label.visible = True


def facts(package: ModelPackage) -> str:
    """Return the facts that a user needs to judge a model, as plain text with one fact per line."""
    lines = [
        package.title,
        _("Version: {text}").format(text=package.version),
        _("For: {text}").format(text=package.modality),
        _("Trained on: {text}").format(text=package.training_data),
        _("Licence: {text}").format(text=package.license),
    ]
    return "\n".join(lines)
