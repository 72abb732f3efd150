"""PersistentVolumes and their claims: bound to each other, provisioned, released and reclaimed."""

from cluster.controllers.persistent_volume.controller import PersistentVolumeController
from cluster.controllers.persistent_volume.provisioner import SimulatedProvisioner
from cluster.controllers.persistent_volume.resizer import SimulatedResizer

__all__ = ["PersistentVolumeController", "SimulatedProvisioner", "SimulatedResizer"]
