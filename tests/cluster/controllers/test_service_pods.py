"""Which Services select which pods: an index that says what comparing everything would."""

from hypothesis import given
from hypothesis import strategies as st

from cluster.api.core import Pod
from cluster.api.meta import ObjectMeta
from cluster.controllers import service_pods
from cluster.controllers.service_pods import Selection

LABELS = st.dictionaries(st.sampled_from(["app", "tier"]), st.sampled_from("abc"))
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("pod"), st.sampled_from(["ns/p", "ns/q", "other/p"]), st.none() | LABELS),
        st.tuples(st.just("service"), st.sampled_from(["ns/s", "ns/t", "other/s"]), LABELS),
    ),
    max_size=40,
)


def made(key: str, labels: dict[str, str]) -> Pod:
    """A pod with these labels."""
    namespace, _, name = key.partition("/")
    return Pod(metadata=ObjectMeta(name=name, namespace=namespace, labels=labels))


@given(STEPS, st.sampled_from([0, 1, service_pods.SPARE]))
def test_the_index_equals_a_comparison_of_everything(
    steps: list[tuple[str, str, dict[str, str] | None]], spare: int
) -> None:
    """After any changes of pods and selectors, each pod's Services and each Service's pods are right."""
    kept, service_pods.SPARE = service_pods.SPARE, spare
    selection, pods, selectors = Selection(), dict[str, Pod](), dict[str, dict[str, str]]()
    for what, key, labels in steps:
        if what == "service":
            selectors[key] = labels or {}
            selection.select(key, selectors[key])
        else:
            old, new = pods.pop(key, None), None if labels is None else made(key, labels)
            if old is not None or new is not None:
                selection.move(key, old, new)
            if new is not None:
                pods[key] = new
    service_pods.SPARE = kept

    def selects(service: str, pod: str) -> bool:
        selector = selectors[service]
        same = service.partition("/")[0] == pod.partition("/")[0]
        return same and bool(selector) and selector.items() <= pods[pod].metadata.labels.items()

    for key, pod in pods.items():
        assert sorted(selection.of(pod)) == sorted(service for service in selectors if selects(service, key))
    for service in selectors:
        assert sorted(selection.pods(service)) == sorted(key for key in pods if selects(service, key))
