"""Which series a batch takes of mixed DICOM studies (``python -m Testing.Experiments.batch.studies``).

Studies are drawn as CT and MRI scanners of several makers write them: localizer, thin and thick, soft-tissue and bone
series, reformats, projections, dose pictures, captures of the screen, a series split over two folders, files that are
no images. The right series is known from how a study was drawn, never from the rules that are tried.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(REPOSITORY / "OrbitSegmentation"))

from OrbitSegmentationLib.batch.cases import find_cases  # noqa: E402
from Testing.dicom_series import evenly, files_of, write_series  # noqa: E402

#: Kernels of soft tissue and of bone by maker.
_KERNELS = {"SIEMENS": (("Br40d", "H31s", "Hr38"), ("Hr64d", "H70h", "Br69")), "GE": (("STANDARD", "SOFT"), ("BONE",
            "BONEPLUS", "EDGE")), "Philips": (("B", "UB"), ("YC", "D")), "Canon": (("FC08", "FC21"), ("FC30", "FC81"))}
_CORONAL = np.array([[1.0, 0, 0], [0, 0, 1.0], [0, -1.0, 0]])
_MR_CLASS, _CAPTURE_CLASS = "1.2.840.10008.5.1.4.1.1.4", "1.2.840.10008.5.1.4.1.1.7"
_LEAST_SHARE = 0.99


@dataclass
class Study:
    """A study on disk.

    :param folder: folder of the study.
    :param uid: UID of the study.
    :param kinds: kinds of the series that were drawn for it.
    :param right: UID of the series that a batch has to take.
    """

    folder: Path
    uid: str
    patient: str
    chance: np.random.Generator
    maker: str
    kinds: list[str] = field(default_factory=list)
    right: str = ""

    def add(self, kind: str, count: int, step: float, **fields: object) -> str:
        """Write a series and return its UID; its number is random, so that the order gives no hint."""
        number = int(self.chance.integers(1, 900))
        uid = f"{self.uid}.{len(self.kinds) + 1}"
        self.kinds.append(kind)
        write_series(self.folder / f"S{number:04d}_{len(self.kinds)}", evenly(count, (0, 0, step)), series=uid,
                     number=number, **{"SliceThickness": f"{step:g}", "Manufacturer": self.maker,
                                       "StudyInstanceUID": self.uid, "PatientID": self.patient, **fields})
        return uid


def draw_study(folder: Path, number: int, chance: np.random.Generator) -> Study:
    """Write a study with a random mixture of series."""
    maker = str(chance.choice([*_KERNELS]))
    study = Study(folder / f"DICOM{number:04d}", f"1.2.826.{number}", f"P{number // 2}", chance, maker)
    (_draw_ct if chance.random() < 0.7 else _draw_mri)(study)
    if chance.random() < 0.3:
        _split(study)
    if chance.random() < 0.5:
        (study.folder / "DICOMDIR.txt").write_text("no image")
    return study


def _draw_ct(study: Study) -> None:
    soft, bone = (str(study.chance.choice(names)) for names in _KERNELS[study.maker])
    thin, thick = float(study.chance.choice([0.6, 0.75, 1.0, 1.25])), float(study.chance.choice([3.0, 5.0]))
    has_thin = study.chance.random() < 0.85
    thick_uid = study.add("thick soft", int(60 / thick), thick, ConvolutionKernel=soft, SeriesDescription="Head")
    study.right = study.add("thin soft", int(36 / thin), thin, ConvolutionKernel=soft,
                            SeriesDescription="Orbita") if has_thin else thick_uid
    extras = {
        "localizer": lambda: study.add("localizer", 2, 40.0, SeriesDescription="Topogram",
                                       ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        "bone": lambda: study.add("bone", int(36 / thin), thin, ConvolutionKernel=bone, SeriesDescription="Orbita"),
        "reformat": lambda: study.add("reformat", 20, 2.0, ConvolutionKernel=soft, directions=_CORONAL,
                                      SeriesDescription="Cor", ImageType=["DERIVED", "SECONDARY", "MPR"]),
        "projection": lambda: study.add("projection", 12, 3.0, SeriesDescription="Head MIP", ConvolutionKernel=soft,
                                        ImageType=["DERIVED", "SECONDARY", "PROJECTION IMAGE"]),
        "dose": lambda: study.add("dose", 1, 3.0, SeriesDescription="Dose Report",
                                  ImageType=["DERIVED", "SECONDARY", "SCREEN SAVE"]),
    }
    _some(study, extras)


def _draw_mri(study: Study) -> None:
    fields = {"Modality": "MR", "SOPClassUID": _MR_CLASS}
    study.right = study.add("volume", int(study.chance.integers(40, 56)), 1.0, SeriesDescription="t1_mprage", **fields)
    extras = {
        "localizer": lambda: study.add("localizer", 3, 20.0, SeriesDescription="localizer", **fields,
                                       ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"]),
        "thick": lambda: study.add("thick", 18, 3.3, SeriesDescription="t2_tse_cor", directions=_CORONAL, **fields),
        "map": lambda: study.add("map", 60, 1.0, SeriesDescription="ep2d_diff_ADC", **fields,
                                 ImageType=["DERIVED", "PRIMARY", "DIFFUSION", "ADC"]),
        "reformat": lambda: study.add("reformat", 60, 1.0, SeriesDescription="t1_mprage_tra", **fields,
                                      ImageType=["DERIVED", "SECONDARY", "MPR"]),
        "projection": lambda: study.add("projection", 60, 1.0, SeriesDescription="TOF MIP", **fields,
                                        ImageType=["DERIVED", "SECONDARY", "PROJECTION IMAGE"]),
    }
    _some(study, extras)


def _some(study: Study, extras: dict) -> None:
    """Add a random choice of further series, and captures of the screen that are neither CT nor MRI."""
    for name in extras:
        if study.chance.random() < 0.6:
            extras[name]()
    if study.chance.random() < 0.4:
        study.add("capture", 5, 1.0, Modality="OT", SOPClassUID=_CAPTURE_CLASS, SeriesDescription="Screen",
                  ImageType=["DERIVED", "SECONDARY"])


def _split(study: Study) -> None:
    """Move every other file of the right series into a separate folder, as archives with small folders do."""
    study.kinds.append("split")
    names = [path for folder in sorted(study.folder.iterdir()) for path in files_of(folder)
             if path.parent.name.endswith(f"_{study.right.rsplit('.', 1)[1]}")]
    target = study.folder / "more"
    target.mkdir()
    for path in names[::2]:
        path.rename(target / path.name)


def main(arguments: list[str] | None = None) -> int:
    """Print how often the right series was taken, and what went wrong; return 1 below 99 %."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--studies", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    chance = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        studies = [draw_study(folder, number, chance) for number in range(options.studies)]
        taken = {case.source.split()[-1]: case for case in find_cases(folder).values()}
        wrong = [study for study in studies if study.right not in taken]
        told = {case.source: case.problem or case.why for case in taken.values()}
    kinds = Counter(kind for study in studies for kind in study.kinds)
    print(f"{len(studies)} studies with {sum(kinds.values()) - kinds['split']} series: "
          f"{', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}")
    for study in wrong:
        print(f"wrong: {study.folder.name} ({', '.join(study.kinds)}), right {study.right}: "
              f"{[text for source, text in told.items() if source.startswith(study.folder.name)]}")
    share = 1 - len(wrong) / len(studies)
    print(f"right series in {len(studies) - len(wrong)} of {len(studies)} ({100 * share:.1f} %), "
          f"{len(taken)} cases found")
    return int(share < _LEAST_SHARE or len(taken) != len(studies))


if __name__ == "__main__":
    raise SystemExit(main())
