"""The files that a process sees: volumes, each at its place, the container's own at `/`.

Between the processes of containers and what they share. A volume is a value of one simulation: whoever mounts it
there sees what the others write. Mirrors a mount namespace. Invariant: whatever is written is in the volume's log,
and a folder holds what lies under it.
"""

from collections.abc import Iterable, Iterator, Mapping
from posixpath import dirname

from msgspec import Struct

WRITTEN, APPENDED, REMOVED, MADE, MODE = "written", "appended", "removed", "made", "mode"
USUAL_MODE = 0o644


class ReadOnly(Exception):
    """The file lies in a volume that is mounted read-only."""


class Change(Struct, frozen=True, gc=False):
    """What became of a file or (`made`) a folder of a volume, at a time (Unix ms)."""

    at: int
    path: str
    how: str
    content: bytes = b""


class Volume:
    """Files by their path in the volume, folders (the volume itself is the folder ``), and what was changed by whom."""

    __slots__ = ("files", "folders", "log", "modes", "name", "times", "usual")

    def __init__(self, name: str, files: Mapping[str, bytes] | None = None, folders: Iterable[str] = ()) -> None:
        self.name = name
        self.files: dict[str, bytes | bytearray] = dict(files or {})
        self.folders = {"", *folders}
        self.modes: dict[str, int] = {}
        self.usual = USUAL_MODE
        """The permissions of files that have no others."""
        self.times: dict[str, int] = {}
        """When files were changed last (Unix ms)."""
        self.log: list[tuple[int, Change]] = []
        for path in [*self.files, *self.folders]:
            self.folders.update(_above(path))

    def copy(self) -> "Volume":
        """The same files, with an empty log."""
        other = Volume(self.name, self.contents(), self.folders)
        other.modes, other.times, other.usual = dict(self.modes), dict(self.times), self.usual
        return other

    def contents(self) -> dict[str, bytes]:
        """The files as they are now."""
        return {path: bytes(content) for path, content in self.files.items()}

    def apply(self, change: Change) -> None:
        """Let a change happen."""
        path, how = change.path, change.how
        self.times[path] = change.at
        if how == MODE:
            self.modes[path] = int(change.content, 8)
        elif how == MADE:
            self.folders |= {path, *_above(path)}
        elif how == REMOVED:
            below = path + "/"
            self.files.pop(path, None)
            self.folders -= {each for each in self.folders if each == path or each.startswith(below)}
            for each in [each for each in self.files if each.startswith(below)]:
                del self.files[each]
        elif how == APPENDED and path in self.files:
            held = self.files[path]
            if isinstance(held, bytearray):
                held += change.content
            else:
                self.files[path] = bytearray(held + change.content)
        else:
            self.files[path] = change.content
            self.folders.update(_above(path))

    def happen(self, change: Change) -> None:
        """Let a change happen that nobody here makes."""
        self.apply(change)
        self.log.append((KUBELET, change))

    def become(self, files: Mapping[str, bytes], at: int) -> None:
        """Hold these files and no others, as the kubelet renews them."""
        if files != self.files:
            self.times |= {path: at for path in files if files[path] != self.files.get(path)}
            self.files, self.folders = dict(files), {"", *(each for path in files for each in _above(path))}
            self.log.append((KUBELET, Change(at, "", MADE)))


KUBELET = -1
"""Who changes files from outside of every process."""


class Mount(Struct, frozen=True):
    """A volume, or what lies `below` a path of it, at a place in a container."""

    path: str
    volume: Volume
    below: str = ""
    read_only: bool = False


class Files:
    """What there is for one process, which its changes are logged as `who`."""

    __slots__ = ("mounts", "who")

    def __init__(self, mounts: Iterable[Mount], who: int = 0) -> None:
        self.mounts = sorted(mounts, key=lambda mount: len(mount.path), reverse=True)
        self.who = who

    @classmethod
    def of(cls, contents: Mapping[str, bytes], folders: Iterable[str] = ()) -> "Files":
        """A container that has these files, by absolute path, and no volumes."""
        own = {path.lstrip("/"): content for path, content in contents.items()}
        return cls([Mount("/", Volume("", own, (folder.lstrip("/") for folder in folders)))])

    def copy(self) -> "Files":
        """The same files, for a process that may write."""
        volumes = {id(mount.volume): mount.volume.copy() for mount in self.mounts}
        copies = (Mount(each.path, volumes[id(each.volume)], each.below, each.read_only) for each in self.mounts)
        return Files(copies, self.who)

    def volumes(self) -> list[Volume]:
        """Every volume once."""
        return list({id(mount.volume): mount.volume for mount in self.mounts}.values())

    def read(self, path: str) -> bytes | None:
        """A file's content; None if there is no such file."""
        mount, inner = self._at(path)
        found = mount.volume.files.get(inner)
        return None if found is None else bytes(found)

    def end(self, path: str, start: int) -> bytes:
        """What a file holds from a position on."""
        mount, inner = self._at(path)
        return bytes(mount.volume.files.get(inner, b"")[start:])

    def size(self, path: str) -> int:
        """How many bytes a file has; 0 if there is none."""
        mount, inner = self._at(path)
        return len(mount.volume.files.get(inner, b""))

    def is_folder(self, path: str) -> bool:
        """Whether there is such a folder."""
        mount, inner = self._at(path)
        return inner in mount.volume.folders or any(_lies_in(each.path, path) for each in self.mounts)

    def exists(self, path: str) -> bool:
        """Whether there is such a file or folder."""
        return self.read(path) is not None or self.is_folder(path)

    def executable(self, path: str) -> bool:
        """Whether the file can be run as a program."""
        mount, inner = self._at(path)
        return bool(mount.volume.modes.get(inner, mount.volume.usual) & 0o111)

    def mode(self, path: str) -> int:
        """The permissions of a file or folder."""
        mount, inner = self._at(path)
        return mount.volume.modes.get(inner, 0o755 if self.is_folder(path) else mount.volume.usual)

    def time(self, path: str) -> int | None:
        """When the file or folder was changed last (Unix ms), if that is known."""
        mount, inner = self._at(path)
        return mount.volume.times.get(inner)

    def writable(self, path: str) -> bool:
        """Whether the place is not read-only."""
        return not self._at(path)[0].read_only

    def listed(self, folder: str) -> list[str]:
        """The names in a folder, sorted."""
        mount, inner = self._at(folder)
        inside = f"{inner}/" if inner else ""
        names = {
            path[len(inside) :].partition("/")[0]
            for path in (*mount.volume.files, *mount.volume.folders)
            if path.startswith(inside)
        }
        here = folder.rstrip("/") + "/"
        places = (each.path[len(here) :].partition("/")[0] for each in self.mounts if each.path.startswith(here))
        return sorted({*names, *places} - {""})

    def state(self) -> int:
        """A number that stays the same while no file changes."""
        return hash(tuple(frozenset(volume.contents().items()) for volume in self.volumes()))

    def change(self, at: int, path: str, how: str, content: bytes = b"") -> None:
        """Write a file (whole or at its end), remove a file or folder, or make a folder. ReadOnly if that is refused."""
        mount, inner = self._at(path)
        if mount.read_only:
            raise ReadOnly
        made = Change(at, inner, how, content)
        mount.volume.apply(made)
        mount.volume.log.append((self.who, made))

    def _at(self, path: str) -> tuple[Mount, str]:
        """The mount that a path lies in, and the path in its volume."""
        for mount in self.mounts:
            if path == mount.path or _lies_in(path, mount.path):
                rest = path[len(mount.path) :].strip("/")
                return mount, _joined(mount.below, rest)
        raise LookupError(path)


def _joined(folder: str, rest: str) -> str:
    return f"{folder}/{rest}" if folder and rest else folder or rest


def _lies_in(path: str, folder: str) -> bool:
    return path.startswith(folder if folder.endswith("/") else folder + "/") and path != folder


def _above(path: str) -> Iterator[str]:
    """The folders of a volume that a path lies in."""
    while path:
        path = dirname(path)
        yield path
