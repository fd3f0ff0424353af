"""The sample data sets and categories that are known; they live in ``slicer.modules`` like in Slicer."""
from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlparse

import slicer
from slicer.util import TESTING_DATA_URL

from .source import SampleDataSource

BUILTIN_SAMPLES = Path(__file__).parent / "builtin_samples.json"


def _dictionary(name: str) -> dict[str, Any]:
    if not hasattr(slicer.modules, name):
        setattr(slicer.modules, name, {})
    return getattr(slicer.modules, name)


def sources() -> dict[str, list[SampleDataSource]]:
    """Data sets by category."""
    return _dictionary("sampleDataSources")


def categories() -> dict[str, dict[str, str]]:
    """Display properties of the categories; "title" is the only one."""
    return _dictionary("sampleDataSourceCategories")


def urlRewriteRules() -> dict[str, Callable[[str], str]]:
    """Functions that turn an address into the one to download from, by name."""
    return _dictionary("sampleDataUrlRewriteRules")


def add(category: str, source: SampleDataSource) -> None:
    """Add a data set to a category unless an equal one is there already."""
    inCategory = sources().setdefault(category, [])
    if source not in inCategory:
        inCategory.append(source)


def builtinSources() -> list[SampleDataSource]:
    """Return the data sets that Slicer offers in its category General."""
    return [_fromCatalogue(entry) for entry in json.loads(BUILTIN_SAMPLES.read_text(encoding="utf-8"))]


def _fromCatalogue(entry: dict[str, Any]) -> SampleDataSource:
    files = entry["files"]
    return SampleDataSource(
        sampleName=entry["name"],
        sampleDescription=entry.get("title"),
        uris=[file.get("uri", f"{TESTING_DATA_URL}SHA256/{file['sha256']}") for file in files],
        fileNames=[file["file"] for file in files],
        nodeNames=[file["node"] for file in files],
        checksums=[f"SHA256:{file['sha256']}" for file in files],
        loadFileTypes=entry.get("type"))


def githubFile(url: str) -> str:
    """Return the address of the file itself for the page of a file on GitHub."""
    address = urlparse(url)
    parts = address.path.split("/")
    isFilePage = (address.scheme, address.netloc) == ("https", "github.com") and len(parts) > 4 and parts[3] == "blob"
    if not isFilePage:
        return url
    _, organization, repository, _, *rest = parts
    path = "/".join([organization, repository, "refs", "heads", *rest])
    return address._replace(netloc="raw.githubusercontent.com", path=path).geturl()


def dropboxFile(url: str) -> str:
    """Return the address of the file itself for a link shared on Dropbox."""
    address = urlparse(url)
    if (address.scheme, address.netloc) != ("https", "www.dropbox.com"):
        return url
    return address._replace(netloc="dl.dropbox.com").geturl()


BUILTIN_REWRITE_RULES = {"GitHubFileWebpage": githubFile, "DropboxDownloadLink": dropboxFile}
