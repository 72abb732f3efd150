"""Volumes: for each, what kind it is and what it is made of.

Invariant: a volume of a kind without words of its own here is still named, as `<unknown>`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from cluster.api import quantity
from cluster.api.core import (
    CSIPersistentVolumeSource,
    CSIVolumeSource,
    DownwardAPIVolumeSource,
    EmptyDirVolumeSource,
    EphemeralVolumeSource,
    PersistentVolumeClaimSpec,
    ProjectedVolumeSource,
    Volume,
)
from ktui.model.describe.sheet import Sheet
from ktui.model.describe.sources import write_source

Fields = Sequence[tuple[str, Callable[[Any], object]]]


def write_volumes(sheet: Sheet, volumes: Sequence[Volume], *, indent: str = "") -> None:
    """The Volumes section."""
    sheet.line(f"{indent}Volumes:" if volumes else f"{indent}Volumes:\t<none>")
    for volume in volumes:
        sheet.line(f"{' ' if indent else ''}{volume.name}:", 1)
        _write_source(sheet, volume)


def _write_source(sheet: Sheet, volume: Volume) -> None:
    for name, (words, fields, more) in _SOURCES.items():
        source = getattr(volume, name)
        if source is None:
            continue
        sheet.field("Type", words, 2)
        for title, value in fields:
            sheet.field(title, value(source), 2)
        if more is not None:
            more(sheet, source)
        return
    if not write_source(sheet, volume):
        sheet.line("<unknown>", 1)


def _word(value: bool | None) -> str:  # noqa: FBT001 - what the API's optional is
    return "true" if value else "false"


def _size_limit(source: EmptyDirVolumeSource) -> str:
    return source.sizeLimit if source.sizeLimit and quantity.nano(source.sizeLimit) > 0 else "<unset>"


def _write_projected(sheet: Sheet, source: ProjectedVolumeSource) -> None:
    for part in source.sources:
        if part.secret is not None:
            sheet.field("SecretName", part.secret.name, 2)
            sheet.field("Optional", _word(part.secret.optional), 2)
        elif part.downwardAPI is not None:
            sheet.field("DownwardAPI", "true", 2)
        elif part.configMap is not None:
            sheet.field("ConfigMapName", part.configMap.name, 2)
            sheet.field("Optional", _word(part.configMap.optional), 2)
        elif part.serviceAccountToken is not None:
            sheet.field("TokenExpirationSeconds", part.serviceAccountToken.expirationSeconds, 2)


def _write_downward(sheet: Sheet, source: DownwardAPIVolumeSource) -> None:
    sheet.line("Items:", 2)
    for item in source.items:
        if item.fieldRef is not None:
            sheet.line(f"{item.fieldRef.fieldPath} -> {item.path}", 3)
        if item.resourceFieldRef is not None:
            sheet.line(f"{item.resourceFieldRef.resource} -> {item.path}", 3)


def write_attributes(sheet: Sheet, source: CSIVolumeSource | CSIPersistentVolumeSource) -> None:
    """What a CSI driver is told of a volume."""
    if source.volumeAttributes:
        _write_pairs(sheet, "VolumeAttributes", source.volumeAttributes)
    else:
        sheet.field("VolumeAttributes", "<none>", 2)


def _write_pairs(sheet: Sheet, title: str, pairs: Mapping[str, str]) -> None:
    """Pairs one a line, each indented once more, as kubectl has it here."""
    first, *rest = [f"{key}={pairs[key]}" for key in sorted(pairs)] or ["<none>"]
    sheet.field(title, f"    {first}", 2)
    for pair in rest:
        sheet.line(f"    \t    {pair}", 2)


def _write_claim(sheet: Sheet, source: EphemeralVolumeSource) -> None:
    template = source.volumeClaimTemplate
    if template is None:
        return
    spec: PersistentVolumeClaimSpec = template.spec
    sheet.field("StorageClass", spec.storageClassName or "", 2)
    sheet.field("Volume", spec.volumeName, 2)
    _write_pairs(sheet, "Labels", template.metadata.labels)
    _write_pairs(sheet, "Annotations", template.metadata.annotations)
    sheet.field("Capacity", "", 2)
    sheet.field("Access Modes", "", 2)
    if spec.volumeMode:
        sheet.field("VolumeMode", spec.volumeMode, 2)


_SOURCES: dict[str, tuple[str, Fields, Callable[[Sheet, Any], None] | None]] = {
    "emptyDir": (
        "EmptyDir (a temporary directory that shares a pod's lifetime)",
        (("Medium", lambda source: source.medium), ("SizeLimit", _size_limit)),
        None,
    ),
    "secret": (
        "Secret (a volume populated by a Secret)",
        (("SecretName", lambda source: source.secretName), ("Optional", lambda source: _word(source.optional))),
        None,
    ),
    "configMap": (
        "ConfigMap (a volume populated by a ConfigMap)",
        (("Name", lambda source: source.name), ("Optional", lambda source: _word(source.optional))),
        None,
    ),
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)",
        (("ClaimName", lambda source: source.claimName), ("ReadOnly", lambda source: _word(source.readOnly))),
        None,
    ),
    "ephemeral": (
        "EphemeralVolume (an inline specification for a volume that gets created and deleted with the pod)",
        (),
        _write_claim,
    ),
    "downwardAPI": ("DownwardAPI (a volume populated by information about the pod)", (), _write_downward),
    "projected": ("Projected (a volume that contains injected data from multiple sources)", (), _write_projected),
    "csi": (
        "CSI (a Container Storage Interface (CSI) volume source)",
        (
            ("Driver", lambda source: source.driver),
            ("FSType", lambda source: source.fsType),
            ("ReadOnly", lambda source: _word(source.readOnly)),
        ),
        write_attributes,
    ),
    "image": (
        "Image (a container image or OCI artifact)",
        (("Reference", lambda source: source.reference), ("PullPolicy", lambda source: source.pullPolicy)),
        None,
    ),
}
"""By the volume's field: its words, its plain fields, and what else is written."""
