"""RBAC: whether a user may do what they want, by the roles that are bound to them.

Asked by the REST facade before a verb, and by the reviews. It follows the bindings by its own places in their
logs: whoever asks first after a change reads what is new. Mirrors
plugin/pkg/auth/authorizer/rbac and pkg/registry/rbac/validation. Invariant: an answer depends on the store
alone, and a question looks only at the bindings of the user and of their groups.
"""

from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar

from msgspec import Struct

from cluster.api.errors import ApiError, Expired, NotFound
from cluster.api.kinds import CLUSTER_ROLE_BINDINGS, CLUSTER_ROLES, ROLE_BINDINGS, ROLES, Kind
from cluster.api.rbac import ClusterRoleBinding, PolicyRule, RoleBinding, RoleRef, Subject
from cluster.authorization.attributes import Attributes
from cluster.authorization.rules import allows
from cluster.authorization.users import MASTERS, User, account_name
from cluster.store import Store
from cluster.table import Table

B = TypeVar("B", ClusterRoleBinding, RoleBinding)
Who = tuple[str, str]
CHUNK = 1_000


class Decision(Struct, frozen=True):
    """An answer and, where there is something to say, why."""

    allowed: bool
    reason: str = ""


class Held(Struct, frozen=True):
    """The rules that a user has somewhere, and what could not be found while looking for more."""

    rules: tuple[PolicyRule, ...]
    errors: tuple[str, ...]


class Rbac:
    """The authorizer of one store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._everywhere = _Bindings(store, CLUSTER_ROLE_BINDINGS)
        self._namespaced = _Bindings(store, ROLE_BINDINGS)

    def authorize(self, wanted: Attributes) -> Decision:
        """Whether the user may; members of system:masters may do anything."""
        if MASTERS in wanted.user.groups:
            return Decision(True)
        errors: list[str] = []
        for binding, subject in self._bound(wanted.user, wanted.namespace):
            try:
                rules = self.referenced(binding.roleRef, binding.metadata.namespace, singular=True)
            except ApiError as error:
                errors.append(error.message)
                continue
            if any(allows(rule, wanted) for rule in rules):
                return Decision(True, f"RBAC: allowed by {_described(binding, subject)}")
        return Decision(False, f"RBAC: {aggregated(errors)}" if errors else "")

    def rules_for(self, user: User, namespace: str, *, singular: bool = False) -> Held:
        """Every rule that applies to the user in a namespace, or in the cluster if that is empty."""
        rules: list[PolicyRule] = []
        errors: list[str] = []
        for binding, _ in self._bound(user, namespace):
            try:
                rules.extend(self.referenced(binding.roleRef, binding.metadata.namespace, singular=singular))
            except ApiError as error:
                errors.append(error.message)
        return Held(tuple(rules), tuple(errors))

    def referenced(self, reference: RoleRef, namespace: str, *, singular: bool = False) -> tuple[PolicyRule, ...]:
        """The rules of the role that a binding of this namespace names.

        Raises NotFound, which names the resource as the API does, or by its singular as the authorizer does.
        """
        kind: Kind[Any] = ROLES if reference.kind == "Role" else CLUSTER_ROLES
        key = f"{namespace}/{reference.name}" if reference.kind == "Role" else reference.name
        found = self._store.table(kind).get(key)
        if found is None:
            raise NotFound.of(kind.singular if singular else kind.plural, reference.name, kind.group)
        rules: tuple[PolicyRule, ...] = found.rules
        return rules

    def _bound(self, user: User, namespace: str) -> Iterator[tuple[ClusterRoleBinding | RoleBinding, Subject]]:
        """The bindings that apply, the cluster's before the namespace's, with the subject that makes each apply."""
        whos = [("User", user.name), *(("Group", group) for group in user.groups)]
        yield from self._everywhere.of(whos, "")
        if namespace:
            yield from self._namespaced.of(whos, namespace)


def aggregated(errors: list[str]) -> str:
    """Several errors as one text (`utilerrors.NewAggregate`)."""
    once = list(dict.fromkeys(errors))
    return once[0] if len(once) == 1 else f"[{', '.join(once)}]"


class _Bindings(Generic[B]):
    """The bindings of one kind by whom they are for."""

    def __init__(self, store: Store, kind: Kind[B]) -> None:
        self._table: Table[B] = store.table(kind)
        self._position = 0
        self._keys: dict[tuple[Who, str], set[str]] = {}

    def of(self, whos: list[Who], namespace: str) -> Iterator[tuple[B, Subject]]:
        """The bindings of a namespace for any of these, by name, each with its first subject that is one of them."""
        self._follow()
        keys: set[str] = set()
        for who in whos:
            keys |= self._keys.get((who, namespace), set())
        for key in sorted(keys):
            binding = self._table.get(key)
            assert binding is not None
            yield binding, next(subject for subject in binding.subjects if _who(subject, namespace) in whos)

    def _follow(self) -> None:
        """Take in what was written to the bindings since the last look."""
        while self._position != self._table.end:
            try:
                entries = self._table.read(self._position, CHUNK)
            except Expired:
                self._rebuild()
                return
            self._position += len(entries)
            for entry in entries:
                self._each(entry.key, entry.previous, set.discard)
                self._each(entry.key, entry.object, set.add)

    def _rebuild(self) -> None:
        self._keys.clear()
        self._position = self._table.end
        for key, binding in self._table.items():
            self._each(key, binding, set.add)

    def _each(self, key: str, binding: B | None, change: Callable[[set[str], str], None]) -> None:
        namespace = binding.metadata.namespace if binding else ""
        for subject in binding.subjects if binding else ():
            change(self._keys.setdefault((_who(subject, namespace), namespace), set()), key)


def _who(subject: Subject, namespace: str) -> Who:
    """Whom a subject means; of no kind known, nobody."""
    if subject.kind == "ServiceAccount":
        place = subject.namespace or namespace
        return ("User", account_name(place, subject.name)) if place else ("", "")
    return (subject.kind, subject.name) if subject.kind in ("User", "Group") else ("", "")


def _described(binding: ClusterRoleBinding | RoleBinding, subject: Subject) -> str:
    meta, role = binding.metadata, binding.roleRef
    name = subject.name
    if subject.kind == "ServiceAccount":
        name = f"{subject.name}/{subject.namespace or meta.namespace}"
    own = f"{meta.name}/{meta.namespace}" if meta.namespace else meta.name
    kind = "RoleBinding" if meta.namespace else "ClusterRoleBinding"
    return f'{kind} "{own}" of {role.kind} "{role.name}" to {subject.kind} "{name}"'
