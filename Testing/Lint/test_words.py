"""The repository speaks of the product, for people who have nothing but the repository."""

from __future__ import annotations

import re

import pytest

from Testing.Lint.source_tree import all_files, text_of

# Written in pieces, so that this file passes its own test.
HOSTS = ["pypi" + ".org", "python" + "hosted.org", "deb.deb" + "ian.org", "security.deb" + "ian.org", "npm" + "js.org"]
ADVICE = {
    "|".join(re.escape(host) for host in HOSTS): "name the package, not the server it comes from",
    r"(?<![\w.$}])/" + r"(work|root|home|Users)/\w": "a folder of one person's machine: make it relative, or an option",
    r"(?<![\w.$}])/" + r"tmp/\w": "use tmp_path, tempfile, or an option",
    r"\b(TO" + r"DO|FIX" + r"ME|XX" + r"X)\b": "do it, or leave it out",
    r"<<<<" + r"<<<|>>>>" + r">>>": "a merge was not finished",
}
PATTERNS = {re.compile(pattern): advice for pattern, advice in ADVICE.items()}
TEXT = (".py", ".md", ".txt", ".toml", ".ui", ".json", ".yaml", ".cmake", ".csv", "Makefile", "run", ".gitignore")


def word_findings(path: str, text: str) -> list[str]:
    """Lines that mean something only on one machine or to one person."""
    return [
        f"{path}:{number}: {match[0]!r}: {advice}"
        for pattern, advice in PATTERNS.items()
        for number, line in enumerate(text.splitlines(), start=1)
        if (match := pattern.search(line))
    ]


def test_the_repository_speaks_of_the_product_alone():
    found = [finding for path in all_files() if path.endswith(TEXT) for finding in word_findings(path, text_of(path))]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "line",
    [
        f"pip install --index-url https://{HOSTS[0]}/simple",
        "path = '/" + "work/shared/scan.nii.gz'",
        "open('/" + "tmp/labels.nrrd')",
        "# TO" + "DO later",
    ],
)
def test_a_line_that_means_nothing_elsewhere_is_found(line):
    assert word_findings("docs/a.md", line)


@pytest.mark.parametrize("line", ["see docs/work/plan.md", "framework/network", "${HOME}/work/x", "out/tmp/x"])
def test_ordinary_paths_are_allowed(line):
    assert not word_findings("docs/a.md", line)


#: What only one module's task speaks of.
OF_ONE_TASK = re.compile(
    r"thyroid|trab\b|tsh\b|ophthalmopathy|glucocortico|steroid|\brect(us|i)\b|muscle|\bTAO|IVGC|NMOSD|sclerosis|lesion",
    re.IGNORECASE)


def test_the_floor_of_classifiers_speaks_of_no_modules_disease():
    """A fourth classifier stands on it: examples are of any patient, words are the module's own."""
    found = [f"{path}:{number}: {match[0]!r} belongs to one task: say what any task would"
             for path in all_files() if path.startswith("NeuroOrbitLib/classifiers/") and path.endswith(".py")
             for number, line in enumerate(text_of(path).splitlines(), start=1)
             if (match := OF_ONE_TASK.search(line))]
    assert not found, "\n".join(found)
