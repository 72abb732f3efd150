"""The volume sources that are told by their fields alone, in pods and in PersistentVolumes alike.

Invariant: a source's fields stand in kubectl's order, and a value is written as Go's `%v` writes it.
"""

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from ktui.model.describe.sheet import Sheet

_SHARES = "on the host that shares a pod's lifetime"
_ROWS: dict[str, tuple[str, str]] = {
    "hostPath": ("HostPath (bare host directory volume)", "Path:path HostPathType:type"),
    "nfs": ("NFS (an NFS mount that lasts the lifetime of a pod)", "Server:server Path:path ReadOnly:readOnly"),
    "local": ("LocalVolume (a persistent volume backed by local storage on a node)", "Path:path"),
    "iscsi": (
        "ISCSI (an ISCSI Disk resource that is attached to a kubelet's host machine and then exposed to the pod)",
        (
            "TargetPortal:targetPortal IQN:iqn Lun:lun ISCSIInterface:iscsiInterface FSType:fsType ReadOnly:readOnly "
            "Portals:portals DiscoveryCHAPAuth:chapAuthDiscovery SessionCHAPAuth:chapAuthSession SecretRef:secretRef "
            "InitiatorName:initiatorName"
        ),
    ),
    "fc": ("FC (a Fibre Channel disk)", "TargetWWNs:targetWWNs LUN:lun FSType:fsType ReadOnly:readOnly"),
    "gcePersistentDisk": (
        "GCEPersistentDisk (a Persistent Disk resource in Google Compute Engine)",
        "PDName:pdName FSType:fsType Partition:partition ReadOnly:readOnly",
    ),
    "awsElasticBlockStore": (
        "AWSElasticBlockStore (a Persistent Disk resource in AWS)",
        "VolumeID:volumeID FSType:fsType Partition:partition ReadOnly:readOnly",
    ),
    "azureDisk": (
        "AzureDisk (an Azure Data Disk mount on the host and bind mount to the pod)",
        "DiskName:diskName DiskURI:diskURI Kind:kind FSType:fsType CachingMode:cachingMode ReadOnly:readOnly",
    ),
    "azureFile": (
        "AzureFile (an Azure File Service mount on the host and bind mount to the pod)",
        "SecretName:secretName SecretNamespace:secretNamespace ShareName:shareName ReadOnly:readOnly",
    ),
    "vsphereVolume": (
        "vSphereVolume (a Persistent Disk resource in vSphere)",
        "VolumePath:volumePath FSType:fsType StoragePolicyName:storagePolicyName",
    ),
    "cinder": (
        "Cinder (a Persistent Disk resource in OpenStack)",
        "VolumeID:volumeID FSType:fsType ReadOnly:readOnly SecretRef:secretRef",
    ),
    "cephfs": (
        f"CephFS (a CephFS mount {_SHARES})",
        "Monitors:monitors Path:path User:user SecretFile:secretFile SecretRef:secretRef ReadOnly:readOnly",
    ),
    "rbd": (
        f"RBD (a Rados Block Device mount {_SHARES})",
        (
            "CephMonitors:monitors RBDImage:image FSType:fsType RBDPool:pool RadosUser:user Keyring:keyring "
            "SecretRef:secretRef ReadOnly:readOnly"
        ),
    ),
    "portworxVolume": ("PortworxVolume (a Portworx Volume resource)", "VolumeID:volumeID"),
    "glusterfs": (
        f"Glusterfs (a Glusterfs mount {_SHARES})",
        "EndpointsName:endpoints EndpointsNamespace:endpointsNamespace Path:path ReadOnly:readOnly",
    ),
    "quobyte": (
        f"Quobyte (a Quobyte mount {_SHARES})",
        "Registry:registry Volume:volume ReadOnly:readOnly",
    ),
    "storageos": (
        "StorageOS (a StorageOS Persistent Disk resource)",
        "VolumeName:volumeName VolumeNamespace:volumeNamespace FSType:fsType ReadOnly:readOnly",
    ),
    "photonPersistentDisk": (
        "PhotonPersistentDisk (a Persistent Disk resource in photon platform)",
        "PdID:pdID FSType:fsType",
    ),
    "flocker": (
        "Flocker (a Flocker volume mounted by the Flocker agent)",
        "DatasetName:datasetName DatasetUUID:datasetUUID",
    ),
    "flexVolume": (
        "FlexVolume (a generic volume resource that is provisioned/attached using an exec based plugin)",
        "Driver:driver FSType:fsType SecretRef:secretRef ReadOnly:readOnly Options:options",
    ),
}
"""By the field that holds the source: its words, and each line's title with the field it tells."""
_NULL = {"type": "<none>", "partition": "0"}
_EMPTY = {"initiatorName": "<none>", "endpointsNamespace": "<unset>"}
_WITHOUT_COLON = "ISCSIInterface"


def write_source(sheet: Sheet, owner: Struct) -> bool:
    """The plain source of a volume or of a PersistentVolume's spec, and whether it has one."""
    for name, (words, rows) in _ROWS.items():
        source = getattr(owner, name, None)
        if source is None:
            continue
        sheet.field("Type", words, 2)
        for row in rows.split():
            title, _, attribute = row.partition(":")
            if attribute in source.__struct_fields__:
                mark = "" if title == _WITHOUT_COLON else ":"
                sheet.line(f"{title}{mark}\t{_text(attribute, getattr(source, attribute))}", 2)
        return True
    return False


def _text(attribute: str, value: Any) -> str:
    if value is None:
        return _NULL.get(attribute, "nil")
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return f"map[{' '.join(f'{key}:{value[key]}' for key in sorted(value))}]"
    if isinstance(value, tuple):
        return ", ".join(value) if attribute == "targetWWNs" else f"[{' '.join(value)}]"
    if isinstance(value, Struct):
        fields = (f"{name[0].upper()}{name[1:]}:{getattr(value, name)}," for name in value.__struct_fields__)
        return f"&{type(value).__name__}{{{''.join(fields)}}}"
    return str(value) or _EMPTY.get(attribute, "")
