"""The index of selectors."""

from cluster.api.labels import from_map, parse
from cluster.api.selector_index import SelectorIndex


def test_the_selector_index_finds_every_match() -> None:
    """Owners are found by any label they require, or none, in their own namespace, in order."""
    index = SelectorIndex()
    index.put("ns/b", "ns", from_map({"app": "web", "tier": "front"}), {"app": "web", "tier": "front"})
    index.put("ns/a", "ns", parse("app!=db"), {})
    index.put("other/c", "other", from_map({"app": "web"}), {"app": "web"})
    assert index.matching("ns", {"app": "web", "tier": "front"}) == ["ns/a", "ns/b"]
    assert index.matching("ns", {"app": "web"}) == ["ns/a"]
    assert index.matching("other", {"app": "web"}) == ["other/c"]
    index.put("ns/a", "ns", from_map({"app": "db"}), {"app": "db"})
    index.discard("ns/unknown")
    assert index.matching("ns", {"app": "db"}) == ["ns/a"]
    assert index.matching("ns", {"app": "mail"}) == []
