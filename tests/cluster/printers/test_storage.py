"""Rows of volumes, claims, classes and CSI objects."""

from cluster.api import kinds
from tests.cluster.printers.rows import AGE, row_of

_DELETED = {"deletionTimestamp": "2026-01-01T01:00:00Z", "finalizers": ["kubernetes.io/pvc-protection"]}
_MODES = ["ReadWriteMany", "ReadWriteOncePod", "ReadWriteOnce", "ReadOnlyMany", "ReadWriteOnce"]


def test_volumes() -> None:
    """A volume names its claim with its namespace; access modes are short, each once, in Kubernetes' order."""
    spec = {
        "capacity": {"storage": "10Gi"}, "accessModes": _MODES, "persistentVolumeReclaimPolicy": "Retain",
        "claimRef": {"namespace": "shop", "name": "data"}, "storageClassName": "fast", "volumeMode": "Filesystem",
    }  # fmt: skip
    cells = row_of(kinds.PERSISTENT_VOLUMES, spec=spec, status={"phase": "Bound"})
    assert cells == (
        "x", "10Gi", "RWO,ROX,RWX,RWOP", "Retain", "Bound", "shop/data", "fast", "<unset>", "", AGE, "Filesystem",
    )  # fmt: skip
    bare = row_of(kinds.PERSISTENT_VOLUMES, _DELETED, status={"phase": "Available"})
    assert bare == ("x", "0", "", "", "Terminating", "", "", "<unset>", "", AGE, "<unset>")


def test_claims() -> None:
    """What a claim got is shown once it has a volume; its class may still be an annotation."""
    spec = {"accessModes": ["ReadWriteOnce"], "storageClassName": "slow", "volumeAttributesClassName": "gold"}
    status = {"phase": "Pending", "accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}}
    cells = row_of(kinds.PERSISTENT_VOLUME_CLAIMS, spec=spec, status=status)
    assert cells == ("x", "Pending", "", "", "", "slow", "gold", AGE, "<unset>")
    bound = {**spec, "volumeName": "pv-1", "volumeMode": "Block"}
    meta = {**_DELETED, "annotations": {"volume.beta.kubernetes.io/storage-class": "old"}}
    cells = row_of(kinds.PERSISTENT_VOLUME_CLAIMS, meta, spec=bound, status=status)
    assert cells == ("x", "Terminating", "pv-1", "1Gi", "RWO", "old", "gold", AGE, "Block")
    assert row_of(kinds.PERSISTENT_VOLUME_CLAIMS, spec=bound)[3:5] == ("0", "")


def test_classes() -> None:
    """A default class says so beside its name; what is not set is what the API server would have set."""
    default = {"annotations": {"storageclass.kubernetes.io/is-default-class": "true"}}
    assert row_of(kinds.STORAGE_CLASSES, default, provisioner="p") == (
        "x (default)", "p", "Delete", "Immediate", "false", AGE,
    )  # fmt: skip
    cells = row_of(
        kinds.STORAGE_CLASSES, {"annotations": {"storageclass.kubernetes.io/is-default-class": "false"}},
        provisioner="p", reclaimPolicy="Retain", volumeBindingMode="WaitForFirstConsumer", allowVolumeExpansion=True,
    )  # fmt: skip
    assert cells == ("x", "p", "Retain", "WaitForFirstConsumer", "true", AGE)
    assert row_of(kinds.VOLUME_ATTRIBUTES_CLASSES, driverName="d") == ("x", "d", AGE)
    default = {"annotations": {"volumeattributesclass.alpha.kubernetes.io/is-default-class": "true"}}
    assert row_of(kinds.VOLUME_ATTRIBUTES_CLASSES, default)[0] == "x (default)"


def test_csi_objects() -> None:
    """A driver's absent answers are the API's defaults; attachments and nodes are told by their fields."""
    assert row_of(kinds.CSI_DRIVERS) == ("x", "true", "false", "false", "<unset>", "false", "<none>", AGE)
    spec = {
        "attachRequired": False, "podInfoOnMount": True, "storageCapacity": True, "requiresRepublish": True,
        "tokenRequests": [{"audience": "a"}, {"audience": "b"}], "volumeLifecycleModes": ["Persistent", "Ephemeral"],
    }  # fmt: skip
    cells = row_of(kinds.CSI_DRIVERS, spec=spec)
    assert cells == ("x", "false", "true", "true", "a,b", "true", "Persistent,Ephemeral", AGE)
    assert row_of(kinds.CSI_NODES, spec={"drivers": [{"name": "d", "nodeID": "n"}]}) == ("x", "1", AGE)
    attachment = {"attacher": "d", "nodeName": "node-1", "source": {"persistentVolumeName": "pv-1"}}
    cells = row_of(kinds.VOLUME_ATTACHMENTS, spec=attachment, status={"attached": True})
    assert cells == ("x", "d", "pv-1", "node-1", "true", AGE)
    assert row_of(kinds.CSI_STORAGE_CAPACITIES) == ("x", "2026-01-01T00:00:00Z")
