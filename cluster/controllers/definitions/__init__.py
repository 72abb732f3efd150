"""The controllers of CustomResourceDefinitions: their names, that they are established, that they are cleaned up.

Mirrors the controllers of apiextensions-apiserver. Invariant: each writes its own conditions.
"""

from cluster.controllers.definitions.establishing import EstablishingController
from cluster.controllers.definitions.finalizing import DefinitionFinalizer
from cluster.controllers.definitions.naming import NamingController

__all__ = ["DefinitionFinalizer", "EstablishingController", "NamingController"]
