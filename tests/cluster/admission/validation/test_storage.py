"""The rules of volumes, claims, their classes, and what drivers say."""

from typing import Any

import pytest
from msgspec.structs import replace

from cluster.admission import validation
from cluster.api import kinds
from cluster.api.core import PersistentVolumeClaim, PersistentVolumeClaimStatus
from cluster.api.kinds import Kind
from cluster.api.quantity import Quantity
from tests.cluster.admission.requests import changed, created, refused, refused_change, said


def claim(size: str = "1Gi", **spec: Any) -> dict[str, Any]:
    """A claim of this size with these fields of the spec."""
    return {"spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **spec}}


def volume(**spec: Any) -> dict[str, Any]:
    """A volume on a host with these fields of the spec."""
    return {
        "spec": {"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}, "hostPath": {"path": "/x"}, **spec}
    }


MODES = '"ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"'
CLAIM = "PersistentVolumeClaim"


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (claim(), []),
        (claim(accessModes=["Once"]), [f'spec.accessModes: Unsupported value: "Once": supported values: {MODES}']),
        (claim(accessModes=["ReadWriteOncePod", "ReadWriteOnce"]),
         ["spec.accessModes: Forbidden: may not use ReadWriteOncePod with other access modes"]),
        (claim(size="-1"),
         ['spec.resources[storage]: Invalid value: "-1": must be greater than or equal to 0',
          'spec.resources[storage]: Invalid value: "-1": must be greater than zero']),
        (claim(volumeMode="Tape"),
         ['spec.volumeMode: Unsupported value: "Tape": supported values: "Block", "Filesystem"']),
        (claim(dataSource={"kind": CLAIM, "name": ""}),
         ["spec.dataSource.name: Required value", "spec.dataSourceRef.name: Required value"]),
        (claim(dataSource={"kind": CLAIM, "name": "a"}, dataSourceRef={"kind": CLAIM, "name": "b"}),
         ['spec: Invalid value: "spec.dataSource": must match dataSourceRef']),
        (claim(dataSourceRef={"kind": "Pod", "name": "a"}),
         [f"spec.{name}: Invalid value: \"Pod\": must be 'PersistentVolumeClaim' when referencing the default apiGroup"
          for name in ("dataSource", "dataSourceRef")]),
    ],
)  # fmt: skip
def test_claims(plain: dict[str, Any], expected: list[str]) -> None:
    """A claim says how much, in which way, and perhaps from where."""
    assert refused(kinds.PERSISTENT_VOLUME_CLAIMS, plain) == expected


def bound(size: str, have: str) -> PersistentVolumeClaim:
    """A claim of one size bound to a volume of another."""
    value = created(kinds.PERSISTENT_VOLUME_CLAIMS, claim(size, volumeName="v"))
    return replace(value, status=PersistentVolumeClaimStatus(phase="Bound", capacity={"storage": Quantity(have)}))


@pytest.mark.parametrize(
    ("size", "expected"),
    [("2Gi", []), ("768Mi", []),
     ("512Mi", ["spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"])],
)  # fmt: skip
def test_resizing(size: str, expected: list[str]) -> None:
    """A bound claim may ask for more, and take back what it did not get."""
    old = bound("1Gi", "512Mi")
    new = changed(kinds.PERSISTENT_VOLUME_CLAIMS, old, claim(size, volumeName="v"))
    assert said(validation.update(kinds.PERSISTENT_VOLUME_CLAIMS, new, old)) == expected


def test_what_is_claimed_stays() -> None:
    """Anything else of a claim stays; the refusal shows the difference."""
    before, after = claim(storageClassName="slow"), claim(storageClassName="fast")
    (cause,) = refused_change(kinds.PERSISTENT_VOLUME_CLAIMS, before, after)
    head, _, difference = cause.partition("\n")
    assert head == (
        "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName "
        "for bound claims"
    )
    assert difference.splitlines() == [
        "@@ -10,7 +10,7 @@", "     }", "   },", '   "VolumeName": "",', '-  "StorageClassName": "slow",',
        '+  "StorageClassName": "fast",', '   "VolumeMode": "Filesystem",', '   "DataSource": null,',
        '   "DataSourceRef": null,',
    ]  # fmt: skip


def test_a_claim_gets_its_class_and_volume() -> None:
    """What was left open may be filled in once: the class, and the volume."""
    after = claim(storageClassName="slow", volumeName="v")
    assert refused_change(kinds.PERSISTENT_VOLUME_CLAIMS, claim(), after) == []


@pytest.mark.parametrize(
    ("plain", "expected"),
    [
        (volume(), []),
        (volume(capacity={}),
         ["spec.capacity: Required value", 'spec.capacity: Unsupported value: null: supported values: "storage"']),
        (volume(capacity={"storage": "0"}), ['spec.capacity[storage]: Invalid value: "0": must be greater than zero']),
        (volume(accessModes=[]), ["spec.accessModes: Required value"]),
        (volume(persistentVolumeReclaimPolicy="Keep"),
         [('spec.persistentVolumeReclaimPolicy: Unsupported value: "Keep": '
           'supported values: "Delete", "Recycle", "Retain"')]),
        (volume(nfs={"server": "s", "path": "/p"}), ["spec.nfs: Forbidden: may not specify more than 1 volume type"]),
        (volume(hostPath=None), ["spec: Required value: must specify a volume type"]),
        (volume(hostPath={"path": "/"}, persistentVolumeReclaimPolicy="Recycle"),
         ["spec.persistentVolumeReclaimPolicy: Forbidden: may not be 'recycle' for a hostPath mount of '/'"]),
        (volume(hostPath=None, local={"path": "/mnt"}),
         ["spec.nodeAffinity: Required value: Local volume requires node affinity"]),
        (volume(nodeAffinity={}),
         ["spec.nodeAffinity.required: Required value: must specify required node constraints"]),
        (volume(hostPath=None, csi={"driver": "d.example.com"}), ["spec.csi.volumeHandle: Required value"]),
        (volume(volumeAttributesClassName="fast"),
         ["spec.csi: Required value: has to be specified when using volumeAttributesClassName"]),
    ],
)  # fmt: skip
def test_volumes(plain: dict[str, Any], expected: list[str]) -> None:
    """A volume has a size, a way to be used, and one source."""
    assert refused(kinds.PERSISTENT_VOLUMES, plain) == expected


def test_the_source_of_a_volume_stays() -> None:
    """A volume may grow or change its class, but not become another."""
    assert refused_change(kinds.PERSISTENT_VOLUMES, volume(), volume(storageClassName="fast")) == []
    (cause,) = refused_change(kinds.PERSISTENT_VOLUMES, volume(), volume(hostPath={"path": "/y"}))
    assert cause.startswith(
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n"
    )
    assert refused_change(kinds.PERSISTENT_VOLUMES, volume(), volume(volumeMode="Block")) == [
        'volumeMode: Invalid value: "Block": field is immutable'
    ]


EXPRESSION = {"key": "zone", "values": ["a", "a"]}


@pytest.mark.parametrize(
    ("kind", "plain", "expected"),
    [
        (kinds.STORAGE_CLASSES, {"provisioner": "example.com/x"}, []),
        (kinds.STORAGE_CLASSES, {}, ["provisioner: Required value"]),
        (kinds.STORAGE_CLASSES, {"provisioner": "x", "reclaimPolicy": "Recycle", "volumeBindingMode": "Later"},
         ['reclaimPolicy: Unsupported value: "Recycle": supported values: "Delete", "Retain"',
          'volumeBindingMode: Unsupported value: "Later": supported values: "Immediate", "WaitForFirstConsumer"']),
        (kinds.STORAGE_CLASSES,
         {"provisioner": "x", "allowedTopologies": [{"matchLabelExpressions": [EXPRESSION]}, {}]},
         ['allowedTopologies[0].matchLabelExpressions[0].values[1]: Duplicate value: "a"',
          "allowedTopologies[1]: Required value"]),
        (kinds.VOLUME_ATTRIBUTES_CLASSES, {"driverName": "d"},
         ["parameters: Required value: must contain at least one key/value pair"]),
        (kinds.CSI_DRIVERS, {}, []),
        (kinds.CSI_DRIVERS, {"spec": {"nodeAllocatableUpdatePeriodSeconds": 9, "fsGroupPolicy": "Maybe"}},
         [('spec.fsGroupPolicy: Unsupported value: "Maybe": '
           'supported values: "File", "None", "ReadWriteOnceWithFSType"'),
          ("spec.nodeAllocatableUpdatePeriodSeconds: Invalid value: 9: "
           "must be greater than or equal to 10 seconds")]),
        (kinds.CSI_DRIVERS, {"spec": {"tokenRequests": [{"audience": "a", "expirationSeconds": 5}, {"audience": "a"}]}},
         ["spec.tokenRequests[0].expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes",
          'spec.tokenRequests[1].audience: Duplicate value: "a"']),
        (kinds.CSI_NODES, {"spec": {"drivers": [{"name": "d", "nodeID": ""}, {"name": "d", "nodeID": "n"}]}},
         ["spec.drivers[0].nodeID: Required value", 'spec.drivers[1].name: Duplicate value: "d"']),
        (kinds.CSI_STORAGE_CAPACITIES, {"capacity": "-1"},
         ["storageClassName: Required value",
          'capacity: Invalid value: "-1": must be greater than or equal to 0']),
        (kinds.VOLUME_ATTACHMENTS, {"spec": {"attacher": "d", "nodeName": "n", "source": {}}},
         ["spec.source: Required value: must specify exactly one of inlineVolumeSpec and persistentVolumeName"]),
    ],
)  # fmt: skip
def test_classes_and_drivers(kind: Kind[Any], plain: dict[str, Any], expected: list[str]) -> None:
    """A class names who makes its volumes, a driver what it can do, an attachment what is attached."""
    assert refused(kind, plain) == expected


def test_classes_stay() -> None:
    """A class means the same for as long as it is there."""
    before = {"provisioner": "x", "parameters": {"a": "b"}}
    after = {"provisioner": "y", "reclaimPolicy": "Retain", "volumeBindingMode": "WaitForFirstConsumer"}
    assert refused_change(kinds.STORAGE_CLASSES, before, after) == [
        "parameters: Forbidden: updates to parameters are forbidden.",
        "provisioner: Forbidden: updates to provisioner are forbidden.",
        "reclaimPolicy: Forbidden: updates to reclaimPolicy are forbidden.",
        'volumeBindingMode: Invalid value: "WaitForFirstConsumer": field is immutable',
    ]
    one, other = ({"driverName": "d", "parameters": {"iops": value}} for value in ("1", "2"))
    assert refused_change(kinds.VOLUME_ATTRIBUTES_CLASSES, one, other) == [
        "parameters: Forbidden: updates to parameters are forbidden."
    ]
