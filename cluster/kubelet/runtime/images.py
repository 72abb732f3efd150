"""The images of one node: which it has, and the queue in which it pulls others.

Mirrors the kubelet's image manager with serialized pulls, and containerd's way to name images.
Invariant: pulls of one node never overlap.
"""

import re
from functools import lru_cache
from hashlib import blake2b

SMALLEST = 1_500_000
SPREAD = 200_000_000


class Images:
    """What is on the node: image -> since when (ms); and until when the puller is busy."""

    __slots__ = ("busy_until", "present")

    def __init__(self) -> None:
        self.present: dict[str, int] = {}
        self.busy_until = 0

    def has(self, image: str, now: int) -> bool:
        """Whether the image is there, pulled completely."""
        since = self.present.get(image)
        return since is not None and since <= now

    def pull(self, image: str, now: int, duration: int) -> int:
        """Queue a pull of `duration` ms (nothing if it is on its way already); when it will be done."""
        since = self.present.get(image)
        if since is not None and since > now:
            return since
        done = self.busy_until = max(self.busy_until, now) + duration
        if since is None:
            self.present[image] = done
        return done

    def occupy(self, now: int, duration: int) -> int:
        """Queue a pull that will fail; when it will have."""
        done = self.busy_until = max(self.busy_until, now) + duration
        return done


_PART = r"[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*"
_HOST = r"(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?)*)(?::[0-9]+)?"
_REST = (
    r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,})?"
)
_REFERENCE = re.compile(rf"(?:{_HOST}/)?{_PART}(?:/{_PART})*{_REST}")


@lru_cache(maxsize=4096)
def invalid(image: str) -> str:
    """Why the image's name is none, in the words of `reference.ParseNormalizedNamed`; nothing if it is one."""
    if _REFERENCE.fullmatch(image):
        return ""
    host, slash, rest = image.partition("/")
    ours = not slash or ("." not in host and ":" not in host and host != "localhost" and host == host.lower())
    path = image if ours else rest
    name = path.partition("@")[0]
    name = name.rpartition(":")[0] if ":" in name.rpartition("/")[2] else name
    named = f"library/{name}" if "/" not in name and ours else name
    if named != named.lower():
        return f"invalid reference format: repository name ({named}) must be lowercase"
    return "invalid reference format"


@lru_cache(maxsize=4096)
def full_name(image: str) -> str:
    """The image as containerd names it: `docker.io/library/nginx:latest` for `nginx`."""
    host, slash, rest = image.partition("/")
    if not slash:
        image = f"docker.io/library/{image}"
    elif "." not in host and ":" not in host and host != "localhost":
        image = f"docker.io/{host}/{rest}"
    if "@" in image or ":" in image.rpartition("/")[2]:
        return image
    return f"{image}:latest"


@lru_cache(maxsize=4096)
def image_id(image: str) -> str:
    """The digest that the image would have: `docker.io/library/nginx@sha256:…`."""
    name = full_name(image)
    if "@" in name:
        return name
    digest = blake2b(name.encode(), digest_size=32).hexdigest()
    return f"{name.rpartition(':')[0]}@sha256:{digest}"


@lru_cache(maxsize=4096)
def size(image: str) -> int:
    """How large the image is, in bytes: the same for every node."""
    number = int.from_bytes(blake2b(full_name(image).encode(), digest_size=8).digest(), "big")
    return SMALLEST + number % SPREAD
