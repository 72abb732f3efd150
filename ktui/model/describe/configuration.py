"""ConfigMaps, Secrets and ServiceAccounts: what they hold.

Invariant: of a Secret only the size of its values is told, but for a service account's token, as kubectl does.
"""

from base64 import b64decode

from cluster.api.core import ConfigMap, Secret, ServiceAccount
from ktui.model.describe.related import Related
from ktui.model.describe.sheet import Sheet


def write_config_map(sheet: Sheet, value: ConfigMap, _related: Related) -> None:
    """Everything about a ConfigMap but its events."""
    sheet.head(value.metadata)
    for line in ("", "Data", "===="):
        sheet.line(line)
    for key in sorted(value.data):
        for line in (f"{key}:", "----", value.data[key], ""):
            sheet.line(line)
    for line in ("", "BinaryData", "===="):
        sheet.line(line)
    for key in sorted(value.binaryData):
        sheet.line(f"{key}: {len(b64decode(value.binaryData[key]))} bytes")
    sheet.line()


def write_secret(sheet: Sheet, value: Secret, _related: Related) -> None:
    """Everything about a Secret but its values."""
    sheet.head(value.metadata)
    sheet.line()
    sheet.field("Type", value.type)
    for line in ("", "Data", "===="):
        sheet.line(line)
    for key in sorted(value.data):
        content = b64decode(value.data[key])
        is_token = key == "token" and value.type == "kubernetes.io/service-account-token"
        sheet.field(key, content.decode() if is_token else f"{len(content)} bytes")


def write_service_account(sheet: Sheet, value: ServiceAccount, _related: Related) -> None:
    """Everything about a ServiceAccount but its events."""
    sheet.head(value.metadata)
    title = "Image pull secrets:"
    for index, name in enumerate([secret.name for secret in value.imagePullSecrets] or ["<none>"]):
        sheet.line(f"{title if not index else ' ' * len(title)}\t{name}")
