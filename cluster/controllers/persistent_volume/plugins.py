"""The volume plugins of kube-controller-manager: who makes the volumes of a class, and what deletes a volume.

Pure tables. Mirrors ProbeControllerVolumePlugins and the CSI migration of the in-tree drivers. Invariant:
nothing here makes a volume; a class is a driver's that is asked by annotation, or nobody's.
"""

import re

from cluster.api.core import PersistentVolume

IN_TREE = "kubernetes.io/"
MIGRATED = {
    "kubernetes.io/aws-ebs": "ebs.csi.aws.com",
    "kubernetes.io/azure-disk": "disk.csi.azure.com",
    "kubernetes.io/azure-file": "file.csi.azure.com",
    "kubernetes.io/cinder": "cinder.csi.openstack.org",
    "kubernetes.io/gce-pd": "pd.csi.storage.gke.io",
    "kubernetes.io/portworx-volume": "pxd.portworx.com",
    "kubernetes.io/vsphere-volume": "csi.vsphere.vmware.com",
}
"""The drivers that have taken over from the provisioners that were built in."""
_DELETABLE_PATH = re.compile("/tmp/.+")  # noqa: S108 - the rule of the real deleter; nothing is opened here


def driver_of(provisioner: str) -> str:
    """The external provisioner that a class's provisioner stands for; "" if there is no plugin of that name."""
    if not provisioner.startswith(IN_TREE):
        return provisioner
    return MIGRATED.get(provisioner, "")


def why_kept(volume: PersistentVolume) -> str:
    """Why a released volume cannot be deleted here (`findDeletablePlugin`, and the host path deleter); "" if it can."""
    if volume.spec.hostPath is None:
        return f'error getting deleter volume plugin for volume "{volume.metadata.name}": no deletable volume plugin matched'
    path = volume.spec.hostPath.path
    return (
        "" if _DELETABLE_PATH.search(path) else f"host_path deleter only supports /tmp/.+ but received provided {path}"
    )
