"""Registration of the phantoms in the module Sample Data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import slicer
from slicer.i18n import tr as _

from NeuroOrbitLib import __version__
from NeuroOrbitLib.jobs import Cancelled, JobFailed
from NeuroOrbitLib.mrml.phantoms import FUNCTION, add_phantom, write_phantom
from NeuroOrbitLib.mrml.views import show_volume
from NeuroOrbitLib.problem import Problem
from NeuroOrbitLib.widgets.progress_dialog import progress_dialog

CATEGORY = "Orbit"


@dataclass(frozen=True)
class PhantomSample:
    """One phantom in Sample Data.

    :param kind: kind of the phantom, an argument of ``function``.
    :param name: name of the sample, of its node and of its thumbnail.
    :param function: function ("package.module:name") that computes it in the worker process, like
        :func:`NeuroOrbitLib.phantom.patients.sample_scans.write_sample`.
    :param paths: folders in which the worker finds the function, if it is not part of the shared library.
    """

    kind: str
    name: str
    function: str = FUNCTION
    paths: tuple[Path, ...] = ()

    @property
    def address(self) -> str:
        """Address that represents the sample where Slicer expects the URL of a download."""
        return f"neuroorbit:{self.name}"

    @property
    def file_name(self) -> str:
        """Name of the file in Slicer's cache, with the product's version, since other versions make other patients."""
        return f"{self.name}-{__version__}.nii"

    def make_when_asked(self, url: str) -> str:
        """Return the URL of the sample's file if ``url`` is its address, else ``url`` itself.

        Slicer passes every address through this function before it downloads. The file is made now unless Slicer's
        cache has it; then the address is returned, too.

        :raises JobFailed: if the sample could not be made.
        """
        cached = Path(slicer.mrmlScene.GetCacheManager().GetRemoteCacheDirectory()) / self.file_name
        if url != self.address or (cached.is_file() and cached.stat().st_size > 0):
            return url
        made = Path(slicer.app.temporaryPath) / self.file_name
        with progress_dialog(_("Orbit phantom"), _("Making a synthetic patient…")) as follow:
            write_phantom(self.kind, made, follow, function=self.function, paths=self.paths)
        return made.as_uri()


PHANTOMS = (
    PhantomSample("TED-CT", "OrbitPhantomCT"),
    PhantomSample("TED-MR-T2FS", "OrbitPhantomMR"),
    PhantomSample("TED-MR-T1", "OrbitPhantomMRT1"),
    PhantomSample("Healthy-CT", "OrbitPhantomHealthyCT"),
)


def samples_of(names: Mapping[str, str], function: str, paths: Sequence[Path]) -> list[PhantomSample]:
    """Return the sample patients of a module.

    :param names: name of each sample, by its kind.
    :param function: function that computes them, see :class:`PhantomSample`.
    :param paths: folders in which the worker finds the function.
    """
    return [PhantomSample(kind, name, function, tuple(paths)) for kind, name in names.items()]


def register_phantoms(icons_folder: Path, samples: Sequence[PhantomSample] = PHANTOMS) -> None:
    """Add phantoms to the module Sample Data; they are computed on request, without network access.

    :param icons_folder: folder with the thumbnail of each phantom.
    :param samples: the phantoms.
    """
    import SampleData

    logic = SampleData.SampleDataLogic
    if hasattr(logic, "registerCustomSampleDataCategory"):  # Slicer 5.12 and later
        logic.registerCustomSampleDataCategory(CATEGORY, title=_("Orbit"))
    if hasattr(logic, "registerUrlRewriteRule"):  # allows scripts to get them by SampleData.downloadSample(name)
        for sample in samples:
            logic.registerUrlRewriteRule(sample.address, sample.make_when_asked)
    for sample in samples:
        logic.registerCustomSampleDataSource(
            category=CATEGORY,
            sampleName=sample.name,
            uris=sample.address,
            fileNames=sample.file_name,
            nodeNames=sample.name,
            thumbnailFileName=str(icons_folder / f"{sample.name}.png"),
            customDownloader=lambda _source, sample=sample: load_phantom(sample),
        )


def load_phantom(sample: PhantomSample) -> slicer.vtkMRMLScalarVolumeNode | None:
    """Compute a phantom with a progress dialog and show it; ``None`` if the user cancelled or it failed."""
    try:
        with progress_dialog(_("Orbit phantom"), _("Making a synthetic patient…")) as follow:
            node = add_phantom(sample.kind, sample.name, follow, function=sample.function, paths=sample.paths)
        show_volume(node)
        return node
    except Cancelled:
        return None
    except JobFailed as error:
        slicer.util.errorDisplay(str(error), detailedText=error.failure.details)
        return None
    except Problem as error:  # e.g. the folder for temporary files; Slicer would only print it
        slicer.util.errorDisplay(str(error))
        return None
