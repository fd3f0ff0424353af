"""What modules call to register and get sample data."""
from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from slicer.i18n import tr as _

from . import registry
from .download import Downloads
from .loading import Loading
from .source import SampleDataSource, loadFileTypesOf


class SampleDataLogic(Downloads, Loading):
    """Knows the registered data sets, downloads and loads them.

    :param logMessage: function (message as HTML, log level) that shows messages to the user
    """

    def __init__(self, logMessage: Callable[..., None] | None = None) -> None:
        if logMessage:
            self.logMessage = logMessage
        self.builtInCategoryName = "General"
        self.developmentCategoryName = "Development"
        self.registerCustomSampleDataCategory(self.builtInCategoryName, title=_("General"))
        self.registerCustomSampleDataCategory(self.developmentCategoryName, title=_("Development"))
        for source in registry.builtinSources():
            registry.add(self.builtInCategoryName, source)
        for name, rule in registry.BUILTIN_REWRITE_RULES.items():
            self.registerUrlRewriteRule(name, rule)
        self.downloadPercent = 0

    @staticmethod
    def registerCustomSampleDataCategory(category: str, title: str) -> None:
        """Give a category the title that the panel shows."""
        registry.categories().setdefault(category, {})["title"] = title

    @staticmethod
    def registerCustomSampleDataSource(
            category: str = "Custom", sampleName: str | None = None, uris: Any = None, fileNames: Any = None,
            nodeNames: Any = None, customDownloader: Callable[[SampleDataSource], Any] | None = None,
            thumbnailFileName: str | None = None, loadFileTypes: Any = None, loadFiles: Any = None,
            loadFileProperties: dict[str, Any] | None = None, checksums: Any = None, loadFileType: Any = None) -> None:
        """Add a data set to a category; see SampleDataSource for the parameters. An equal one is added once."""
        registry.add(category, SampleDataSource(
            sampleName=sampleName, uris=uris, fileNames=fileNames, nodeNames=nodeNames, checksums=checksums,
            loadFiles=loadFiles, customDownloader=customDownloader, thumbnailFileName=thumbnailFileName,
            loadFileTypes=loadFileTypesOf(loadFileTypes, loadFileType), loadFileProperties=loadFileProperties))

    @staticmethod
    def registerUrlRewriteRule(name: str, rewriteFunction: Callable[[str], str]) -> None:
        """Add a function that turns addresses into those to download from."""
        if not callable(rewriteFunction):
            raise TypeError(f"A rewrite rule must be a function, not {type(rewriteFunction)}")
        registry.urlRewriteRules()[name] = rewriteFunction

    @staticmethod
    def categoryTitle(category: str) -> str:
        """Title of a category; its name if it has none."""
        return registry.categories().get(category, {}).get("title", category)

    @staticmethod
    def sampleDataSourcesByCategory(category: str | None = None) -> Any:
        """Data sets of a category (an empty list if it is unknown); without category, a dictionary of all."""
        return registry.sources() if category is None else registry.sources().get(category, [])

    @staticmethod
    def isSampleDataSourceRegistered(category: str, sampleDataSource: SampleDataSource) -> bool:
        """Return whether an equal data set is in the category."""
        if not isinstance(sampleDataSource, SampleDataSource):
            raise TypeError(f"Expected a SampleDataSource, got {type(sampleDataSource)}")
        return sampleDataSource in registry.sources().get(category, [])

    def sourceForSampleName(self, sampleName: str) -> SampleDataSource | None:
        """Return the first data set of this name, or None."""
        every = (source for inCategory in registry.sources().values() for source in inCategory)
        return next((source for source in every if source.sampleName == sampleName), None)

    def categoryForSource(self, a_source: SampleDataSource) -> str | None:
        """Return the first category that has an equal data set, or None."""
        return next((category for category, inCategory in registry.sources().items() if a_source in inCategory), None)

    def downloadFromURL(self, uris: Any = None, fileNames: Any = None, nodeNames: Any = None, checksums: Any = None,
                        loadFiles: Any = None, customDownloader: Callable[[Any], Any] | None = None,
                        loadFileTypes: Any = None, loadFileProperties: dict[str, Any] | None = None,
                        forceDownload: bool = False) -> list[Any]:
        """Download, and load what is to be loaded, without registering anything; see ``downloadFromSource``."""
        source = SampleDataSource(uris=uris, fileNames=fileNames, nodeNames=nodeNames, checksums=checksums,
                                  loadFiles=loadFiles, customDownloader=customDownloader, loadFileTypes=loadFileTypes,
                                  loadFileProperties=loadFileProperties)
        return self.downloadFromSource(source, forceDownload=forceDownload)

    def downloadSamples(self, sampleName: str) -> list[Any]:
        """Return all nodes of a registered data set; an empty list if there is none of this name."""
        source = self.sourceForSampleName(sampleName)
        if source is None:
            self.logMessage(f"There is no sample data set '{sampleName}'", logging.ERROR)
            return []
        return self.downloadFromSource(source)

    def downloadSample(self, sampleName: str) -> Any:
        """Return the first node of a registered data set."""
        return self.downloadSamples(sampleName)[0]

    # Calls of the first versions of Slicer, which many scripts use.

    def downloadMRHead(self) -> Any:
        return self.downloadSample("MRHead")

    def downloadCTChest(self) -> Any:
        return self.downloadSample("CTChest")

    def downloadCTACardio(self) -> Any:
        return self.downloadSample("CTACardio")

    def downloadDTIBrain(self) -> Any:
        return self.downloadSample("DTIBrain")

    def downloadMRBrainTumor1(self) -> Any:
        return self.downloadSample("MRBrainTumor1")

    def downloadMRBrainTumor2(self) -> Any:
        return self.downloadSample("MRBrainTumor2")

    def downloadWhiteMatterExplorationBaselineVolume(self) -> Any:
        return self.downloadSample("BaselineVolume")

    def downloadWhiteMatterExplorationDTIVolume(self) -> Any:
        return self.downloadSample("DTIVolume")

    def downloadDiffusionMRIDWIVolume(self) -> Any:
        return self.downloadSample("DWIVolume")

    def downloadAbdominalCTVolume(self) -> Any:
        return self.downloadSample("CTAAbdomenPanoramix")

    def downloadDentalSurgery(self) -> list[Any]:
        return self.downloadSamples("CBCTDentalSurgery")

    def downloadMRUSPostate(self) -> list[Any]:
        return self.downloadSamples("MRUSProstate")
