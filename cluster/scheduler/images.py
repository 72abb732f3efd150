"""Which nodes have which images: what the score for images that need not be pulled goes by.

Part of the cache. Mirrors the image states of pkg/scheduler/backend/cache. Invariant: an image is known as
long as a node reports it, with the size that the first of them reported.
"""

from cluster.api.core import ContainerImage, Node


def normalised(image: str) -> str:
    """The name with its tag, `latest` if it has none."""
    return image if image.rfind(":") > image.rfind("/") else f"{image}:latest"


class Images:
    """Sizes and nodes by an image's name, and how many nodes there are."""

    def __init__(self) -> None:
        self.nodes = 0
        self._sizes: dict[str, int] = {}
        self._on: dict[str, set[str]] = {}
        self._reported: dict[str, tuple[ContainerImage, ...]] = {}

    def set_node(self, node: Node) -> bool:
        """Take over what a node reports now; False if that is what it reported before."""
        name, images = node.metadata.name, node.status.images
        if images == self._reported.get(name, ()):
            return False
        self.drop(name)
        self._reported[name] = images
        for image in images:
            for each in image.names:
                self._sizes.setdefault(each, image.sizeBytes)
                self._on.setdefault(each, set()).add(name)
        return True

    def drop(self, node: str) -> None:
        """Forget a node; nothing happens if it has reported no images."""
        for image in self._reported.pop(node, ()):
            for each in image.names:
                on = self._on.get(each, set())
                on.discard(node)
                if not on:
                    self._on.pop(each, None)
                    self._sizes.pop(each, None)

    def worth(self, image: str, node: str) -> int:
        """An image's size on a node, less the fewer nodes have it; 0 if this one has not."""
        on = self._on.get(image, ())
        return int(self._sizes[image] * (len(on) / self.nodes)) if node in on else 0
