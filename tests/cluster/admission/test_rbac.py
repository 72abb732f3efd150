"""Roles and bindings: defaults, and what is wrong with them, in Kubernetes' words."""

import pytest
from msgspec.structs import replace

from cluster.admission import defaults, validation
from cluster.api import kinds
from cluster.api.meta import LabelSelector, ObjectMeta, Resource
from cluster.api.rbac import AggregationRule, ClusterRole, ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject
from tests.cluster.authorization.policies import GROUP, READ_PODS, account, binding, cluster_role, role, user


def told(value: Resource) -> list[str]:
    """What is wrong with a new object, as field and message."""
    return [f"{cause.field}: {cause.message}" for cause in validation.create(kinds.kind_of(value), value)]


def test_groups_are_filled_in() -> None:
    """The role's group, and that of users and groups; an account has none, and what was said stays."""
    given = RoleBinding(
        metadata=ObjectMeta(name="a", namespace="shop"), roleRef=RoleRef(kind="Role", name="r"),
        subjects=(Subject(kind="User", name="u"), Subject(kind="Group", name="g", apiGroup="x"), account("s")),
    )  # fmt: skip
    filled = defaults.apply(kinds.ROLE_BINDINGS, given)
    assert filled.roleRef.apiGroup == GROUP
    assert [subject.apiGroup for subject in filled.subjects] == [GROUP, "x", ""]
    assert defaults.apply(kinds.ROLE_BINDINGS, filled) is filled


def test_names_are_parts_of_a_path() -> None:
    """Colons and capitals are fine; slashes, percents and dots alone are not."""
    assert told(cluster_role("system:Any_thing", READ_PODS)) == []
    assert told(cluster_role("a/b%c", READ_PODS)) == [
        "metadata.name: Invalid value: \"a/b%c\": may not contain '/'",
        "metadata.name: Invalid value: \"a/b%c\": may not contain '%'",
    ]
    assert told(cluster_role("..", READ_PODS)) == ["metadata.name: Invalid value: \"..\": may not be '..'"]


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        (PolicyRule(), [
            "rules[0].verbs: Required value: verbs must contain at least one value",
            "rules[0].apiGroups: Required value: resource rules must supply at least one api group",
            "rules[0].resources: Required value: resource rules must supply at least one resource",
        ]),
        (PolicyRule(nonResourceURLs=("/a",), resources=("pods",), verbs=("get",)), [
            'rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs',
            ('rules[0].nonResourceURLs: Invalid value: ["/a"]: '
            "rules cannot apply to both regular resources and non-resource URLs"),
        ]),
    ],
)  # fmt: skip
def test_rules_are_of_resources_or_of_urls(rule: PolicyRule, wrong: list[str]) -> None:
    """A rule needs verbs, and either groups and resources or URLs, which a Role cannot have."""
    assert told(role("a", rule)) == wrong


def test_an_aggregation_needs_a_selector() -> None:
    """An aggregationRule that selects nothing, or not as labels are selected, is wrong."""
    gathering = ClusterRole(metadata=ObjectMeta(name="a"), aggregationRule=AggregationRule())
    assert told(gathering) == [
        (
            "aggregationRule.clusterRoleSelectors: Required value: "
            "at least one clusterRoleSelector required if aggregationRule is non-nil"
        )
    ]
    rule = AggregationRule(clusterRoleSelectors=(LabelSelector(matchLabels={"a": "b c"}),))
    assert told(replace(gathering, aggregationRule=rule))[0].startswith(
        'aggregationRule.clusterRoleSelectors[0].matchLabels: Invalid value: "b c": a valid label must be'
    )


def test_a_binding_names_a_role_and_subjects() -> None:
    """The kinds that there are; a ClusterRoleBinding takes no Role, and its accounts need a namespace."""
    wrong = RoleBinding(
        metadata=ObjectMeta(name="a", namespace="shop"), roleRef=RoleRef(apiGroup="x", kind="Pod"),
        subjects=(Subject(kind="Robot", name="r"), Subject(kind="User"), replace(account("A"), apiGroup="x")),
    )  # fmt: skip
    found = told(wrong)
    assert found[:6] == [
        f'roleRef.apiGroup: Unsupported value: "x": supported values: "{GROUP}"',
        'roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"',
        "roleRef.name: Required value",
        'subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"',
        "subjects[1].name: Required value",
        f'subjects[1].apiGroup: Unsupported value: "": supported values: "{GROUP}"',
    ]
    assert found[6].startswith('subjects[2].name: Invalid value: "A": a lowercase RFC 1123 subdomain must consist')
    assert found[7] == 'subjects[2].apiGroup: Unsupported value: "x": supported values: ""'
    reference = RoleRef(apiGroup=GROUP, kind="Role", name="r")
    everywhere = ClusterRoleBinding(metadata=ObjectMeta(name="a"), roleRef=reference, subjects=(account("a"),))
    assert told(everywhere) == [
        'roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"',
        "subjects[0].namespace: Required value",
    ]


def test_a_binding_keeps_its_role() -> None:
    """Subjects change as they like; another role is refused, and the wanted one shown."""
    old = binding("a", "r", user("jane"))
    assert validation.update(kinds.ROLE_BINDINGS, binding("a", "r", user("joe")), old) == []
    (cause,) = validation.update(kinds.ROLE_BINDINGS, binding("a", "s", user("jane")), old)
    assert f"{cause.field}: {cause.message}" == (
        f'roleRef: Invalid value: {{"APIGroup":"{GROUP}","Kind":"Role","Name":"s"}}: cannot change roleRef'
    )
