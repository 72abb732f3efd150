"""The texts that text screens show: descriptions, YAML, the help, the folder.

Each makes its text from what the session knows now. Invariant: an object that has gone gives None,
never an error.
"""

from cluster.api.kinds import Kind
from cluster.api.meta import Resource
from ktui import commands
from ktui.model import folder_report
from ktui.model.filters import __doc__ as filter_help
from ktui.model.manifest import to_yaml
from ktui.model.selection import Selection
from ktui.screens.session import Session


def description(session: Session, target: Selection) -> str | None:
    """An object as `kubectl describe` tells it."""
    from ktui.model.describe import describe, gather  # noqa: PLC0415 - many modules, not needed for the first frame

    found = session.mirror.find(target.kind, target.key)
    if found is None:
        return None

    def listing(kind: Kind[Resource], namespace: str) -> list[Resource]:
        objects = session.mirror.list(kind).objects.values()
        return [item for item in objects if not namespace or item.metadata.namespace == namespace]

    revision = str(session.client.revision(target.kind, target.key))
    return describe(target.kind, found, gather(target.kind, found, session.mirror.now(), listing, revision))


def yaml(session: Session, target: Selection) -> str | None:
    """An object's YAML."""
    found = session.mirror.find(target.kind, target.key)
    return to_yaml(target.kind, found, session.client.revision(target.kind, target.key)) if found is not None else None


def help_text(session: Session) -> str:
    """Every key, and the filter language; first, where the API is, if it is open."""
    grammar = (filter_help or "").split("\n\n")[1]
    api = "\n".join(f"  {line.strip()}" for line in session.api.told.splitlines())
    head = f"kubectl and other clients\n{api}\n\n" if api else ""
    return f"{head}{commands.key_table_text()}\nWhat can be typed after /\n{grammar}\n"


def files(session: Session) -> str:
    """The watched folder: its problems and its files."""
    return folder_report.as_text(session.folder)
