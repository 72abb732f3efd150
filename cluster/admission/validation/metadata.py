"""The metadata of any object: names, labels, annotations, owners, finalizers.

Every kind's validation begins here. Mirrors apimachinery's api/validation/objectmeta.go and the
core group's rule for finalizers. Invariant: what many objects share (a namespace, a prefix, a
template's labels) is looked at once.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache

from cluster.admission import field_error as error
from cluster.admission.sharing import IdentityMemo
from cluster.admission.validation.checks import Causes, invalid_each, nonnegative, qualified_name, unchanged
from cluster.admission.validation.selectors import labels
from cluster.api import names
from cluster.api.meta import ObjectMeta, OwnerReference, StatusCause

NameRule = Callable[[str], list[str]]

SIZE_LIMIT = 256 * 1024
ORPHAN, FOREGROUND = "orphan", "foregroundDeletion"
_STANDARD_FINALIZERS = ("kubernetes", ORPHAN, FOREGROUND)
_NO_STANDARD = "name is neither a standard finalizer name nor is it fully qualified"
_LABELS: IdentityMemo[list[StatusCause]] = IdentityMemo()
_ANNOTATIONS: IdentityMemo[list[StatusCause]] = IdentityMemo()


def create(meta: ObjectMeta, name_rule: NameRule, *, namespaced: bool = True) -> list[StatusCause]:
    """What is wrong with a new object's metadata."""
    causes: list[StatusCause] = []
    if meta.generateName:
        causes += invalid_each("metadata.generateName", meta.generateName, _prefix(name_rule, meta.generateName))
    if not meta.name:
        causes.append(error.required("metadata.name", "name or generateName is required"))
    elif wrong := name_rule(meta.name):
        causes += invalid_each("metadata.name", meta.name, wrong)
    if namespaced:
        causes += _namespace(meta.namespace)
    elif meta.namespace:
        causes.append(error.forbidden("metadata.namespace", "not allowed on this type"))
    if meta.generation < 0:
        causes += nonnegative("metadata.generation", meta.generation)
    return causes + _common(meta)


def update(new: ObjectMeta, old: ObjectMeta) -> list[StatusCause]:
    """What is wrong with a change of an object's metadata."""
    if new is old:
        return []
    causes: list[StatusCause] = []
    if old.deletionTimestamp:
        causes += _no_new_finalizers(new.finalizers, old.finalizers)
    if new.generation < old.generation:
        causes.append(error.invalid("metadata.generation", new.generation, "must not be decremented"))
    for name in ("name", "namespace", "uid", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds"):
        causes += unchanged(f"metadata.{name}", getattr(new, name), getattr(old, name))
    return causes + _common(new)


def annotations(field: str, values: Mapping[str, str]) -> Causes:
    """Annotations: keys as of labels but for their case, values of any text, and not too many."""
    for key in values:
        yield from invalid_each(field, key, _annotation(key))
    if sum(len(key.encode()) + len(value.encode()) for key, value in values.items()) > SIZE_LIMIT:
        yield error.too_long(field, SIZE_LIMIT)


@lru_cache(maxsize=4096)
def _annotation(key: str) -> tuple[str, ...]:
    """What is wrong with an annotation's key."""
    return tuple(names.qualified_name(key.lower()))


def _common(meta: ObjectMeta) -> list[StatusCause]:
    causes: list[StatusCause] = []
    if meta.labels:
        causes += _remembered(_LABELS, meta.labels, "metadata.labels", labels)
    if meta.annotations:
        causes += _remembered(_ANNOTATIONS, meta.annotations, "metadata.annotations", annotations)
    if meta.ownerReferences and not _plain_owner(meta.ownerReferences):
        causes += _owners(meta.ownerReferences)
    if meta.finalizers:
        causes += _finalizers(meta.finalizers)
    return causes


def _remembered(
    memo: IdentityMemo[list[StatusCause]],
    values: Mapping[str, str],
    field: str,
    rule: Callable[[str, Mapping[str, str]], Causes],
) -> list[StatusCause]:
    known = memo.get(values)
    return memo.put(values, list(rule(field, values))) if known is None else known


@lru_cache(maxsize=4096)
def _prefix(rule: NameRule, prefix: str) -> tuple[str, ...]:
    """What is wrong with the beginning of a name, which may end in a dash."""
    return tuple(rule(f"{prefix[:-1]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix))


@lru_cache(maxsize=4096)
def _namespace(namespace: str) -> tuple[StatusCause, ...]:
    if not namespace:
        return (error.required("metadata.namespace"),)
    return tuple(invalid_each("metadata.namespace", namespace, names.is_dns1123_label(namespace)))


def _plain_owner(owners: tuple[OwnerReference, ...]) -> bool:
    """Whether it is the one controller that most objects have, and nothing can be wrong with it."""
    owner = owners[0]
    complete = owner.name and owner.uid and owner.kind not in ("", "Event")
    return len(owners) == 1 and bool(complete) and owner.apiVersion in ("apps/v1", "v1")


def _owners(owners: tuple[OwnerReference, ...]) -> Causes:
    field, controller = "metadata.ownerReferences", ""
    for owner in owners:
        if not owner.apiVersion.rpartition("/")[2]:
            yield error.invalid(f"{field}.apiVersion", owner.apiVersion, "version must not be empty")
        for name in ("kind", "name", "uid"):
            if not getattr(owner, name):
                yield error.invalid(f"{field}.{name}", "", "must not be empty")
        if owner.apiVersion == "v1" and owner.kind == "Event":
            yield error.invalid(field, _shown(owner), "/v1, Kind=Event is disallowed from being an owner")
        if owner.controller:
            found = f"{owner.kind}/{owner.name}"
            if controller:
                why = (
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {found}'
                )
                yield error.invalid(field, [_shown(item) for item in owners], why)
            else:
                controller = found


def _shown(owner: OwnerReference) -> error.Fields:
    names_ = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
    return error.Fields({name: value for name in names_ if (value := getattr(owner, name)) is not None})


def _finalizers(finalizers: tuple[str, ...]) -> Causes:
    field = "metadata.finalizers"
    for name in finalizers:
        yield from qualified_name(field, name)
    if ORPHAN in finalizers and FOREGROUND in finalizers:
        yield error.invalid(field, finalizers, f"finalizer {ORPHAN} and {FOREGROUND} cannot be both set")
    for index, name in enumerate(finalizers):
        yield from standard_finalizer(f"{field}[{index}]", name)


def standard_finalizer(field: str, name: str) -> Causes:
    """A finalizer without a domain must be one of Kubernetes' own."""
    if "/" not in name and name not in _STANDARD_FINALIZERS:
        yield error.invalid(field, name, _NO_STANDARD)


def _no_new_finalizers(new: tuple[str, ...], old: tuple[str, ...]) -> Causes:
    added = sorted(set(new) - set(old))
    if added:
        listed = ", ".join(error.quoted(name) for name in added)
        why = (
            f"no new finalizers can be added if the object is being deleted, found new finalizers []string{{{listed}}}"
        )
        yield error.forbidden("metadata.finalizers", why)
