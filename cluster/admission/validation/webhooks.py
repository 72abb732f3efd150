"""Webhook configurations: who is asked about which requests, and how.

On the data's way two of the kinds' validations. Mirrors their part of
pkg/apis/admissionregistration/validation; `rule` and `match_conditions` serve admission policies too.
Invariant: a webhook is called at exactly one place.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from cluster.admission import field_error as error
from cluster.admission.validation import metadata
from cluster.admission.validation.checks import Causes, invalid_each, one_of, path_segment, qualified_name
from cluster.admission.validation.expressions import Known, compiles
from cluster.admission.validation.rules import Rules
from cluster.admission.validation.selectors import label_selector
from cluster.api import kinds, names
from cluster.api.admissionregistration import MatchCondition, ServiceReference, WebhookClientConfig
from cluster.api.kinds import Kind
from cluster.api.meta import StatusCause

FAILURE_POLICIES, MATCH_POLICIES = ("Fail", "Ignore"), ("Equivalent", "Exact")
SIDE_EFFECTS = ("None", "NoneOnDryRun")
VERSIONS = ("v1", "v1beta1")
OPERATIONS = ("*", "CONNECT", "CREATE", "DELETE", "UPDATE")
SCOPES = ("*", "Cluster", "Namespaced")
MAX_CONDITIONS = 64
_URL = "; desired format: https://host[/path]"


def create(value: Any) -> list[StatusCause]:
    """What is wrong with a new configuration, of either sort."""
    causes = metadata.create(value.metadata, names.is_dns1123_subdomain, namespaced=False)
    return causes + _webhooks(value)


def update(new: Any, old: Any) -> list[StatusCause]:
    """What is wrong with a changed configuration."""
    causes = metadata.update(new.metadata, old.metadata)
    return causes if new.webhooks is old.webhooks else causes + _webhooks(new)


def rule(field: str, value: Any) -> Causes:
    """Which requests are meant: operations, groups, versions, resources."""
    if not value.operations:
        yield error.required(f"{field}.operations")
    if len(value.operations) > 1 and "*" in value.operations:
        why = "if '*' is present, must not specify other operations"
        yield error.invalid(f"{field}.operations", value.operations, why)
    for index, operation in enumerate(value.operations):
        yield from one_of(f"{field}.operations[{index}]", operation, OPERATIONS)
    for name, said in (("apiGroups", "API groups"), ("apiVersions", "API versions")):
        values = getattr(value, name)
        if not values:
            yield error.required(f"{field}.{name}")
        if len(values) > 1 and "*" in values:
            yield error.invalid(f"{field}.{name}", values, f"if '*' is present, must not specify other {said}")
    for index, version in enumerate(value.apiVersions):
        if not version:
            yield error.required(f"{field}.apiVersions[{index}]")
    yield from _resources(f"{field}.resources", value.resources)
    if value.scope:
        yield from one_of(f"{field}.scope", value.scope, SCOPES)


def match_conditions(field: str, values: tuple[MatchCondition, ...], known: Known) -> Causes:
    """The conditions under which a request is meant at all, over variables of these names."""
    if len(values) > MAX_CONDITIONS:
        yield error.too_many(field, len(values), MAX_CONDITIONS)
    seen: set[str] = set()
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if not value.expression.strip():
            yield error.required(f"{here}.expression")
        else:
            yield from compiles(f"{here}.expression", value.expression.strip(), known, "bool")
        if not value.name:
            yield error.required(f"{here}.name")
            continue
        yield from qualified_name(f"{here}.name", value.name)
        if value.name in seen:
            yield error.duplicate(f"{here}.name", value.name)
        seen.add(value.name)


def _webhooks(value: Any) -> list[StatusCause]:
    causes: list[StatusCause] = []
    seen: set[str] = set()
    for index, hook in enumerate(value.webhooks):
        field = f"webhooks[{index}]"
        causes += _webhook(field, hook)
        causes += _review_versions(f"{field}.admissionReviewVersions", hook.admissionReviewVersions)
        if hook.name and hook.name in seen:
            causes.append(error.duplicate(f"{field}.name", hook.name))
        seen.add(hook.name)
    return causes


def _webhook(field: str, hook: Any) -> Causes:
    yield from _full_name(f"{field}.name", hook.name)
    for index, value in enumerate(hook.rules):
        yield from rule(f"{field}.rules[{index}]", value)
    yield from one_of(f"{field}.failurePolicy", hook.failurePolicy, FAILURE_POLICIES)
    yield from one_of(f"{field}.matchPolicy", hook.matchPolicy, MATCH_POLICIES)
    if hook.sideEffects:
        yield from one_of(f"{field}.sideEffects", hook.sideEffects, SIDE_EFFECTS)
    else:
        yield error.required(f"{field}.sideEffects", f"must specify one of {', '.join(SIDE_EFFECTS)}")
    if not 1 <= hook.timeoutSeconds <= 30:
        why = "the timeout value must be between 1 and 30 seconds"
        yield error.invalid(f"{field}.timeoutSeconds", hook.timeoutSeconds, why)
    if getattr(hook, "reinvocationPolicy", ""):
        yield from one_of(f"{field}.reinvocationPolicy", hook.reinvocationPolicy, ("IfNeeded", "Never"))
    yield from label_selector(f"{field}.namespaceSelector", hook.namespaceSelector)
    yield from label_selector(f"{field}.objectSelector", hook.objectSelector)
    yield from _client(f"{field}.clientConfig", hook.clientConfig)
    yield from match_conditions(f"{field}.matchConditions", hook.matchConditions, Known())


def _full_name(field: str, name: str) -> Causes:
    if not name:
        yield error.required(field)
        return
    wrong = names.is_dns1123_subdomain(name)
    yield from invalid_each(field, name, wrong)
    if not wrong and name.count(".") < 2:
        yield error.invalid(field, name, "should be a domain with at least three segments separated by dots")


def _review_versions(field: str, versions: tuple[str, ...]) -> Causes:
    if not versions:
        yield error.required(field, f"must specify one of {', '.join(VERSIONS)}")
        return
    for index, version in enumerate(versions):
        if version in versions[:index]:
            yield error.invalid(f"{field}[{index}]", version, "duplicate version")
        else:
            yield from invalid_each(f"{field}[{index}]", version, names.is_dns1035_label(version))
    if not set(VERSIONS).intersection(versions):
        yield error.invalid(field, versions, f"must include at least one of {', '.join(VERSIONS)}")


def _client(field: str, config: WebhookClientConfig) -> Causes:
    if bool(config.url) == (config.service is not None):
        yield error.required(field, "exactly one of url or service is required")
    elif config.url:
        yield from _url(f"{field}.url", config.url)
    elif config.service is not None:
        yield from _service(f"{field}.service", config.service)


def _url(field: str, text: str) -> Causes:
    url = urlsplit(text)
    if url.scheme != "https":
        yield error.invalid(field, url.scheme, f"'https' is the only allowed URL scheme{_URL}")
    if not url.netloc:
        yield error.invalid(field, url.netloc, f"host must be specified{_URL}")
    if url.username is not None:
        yield error.invalid(field, url.username, "user information is not permitted in the URL")
    if url.fragment:
        yield error.invalid(field, url.fragment, "fragments are not permitted in the URL")
    if url.query:
        yield error.invalid(field, url.query, "query parameters are not permitted in the URL")


def _service(field: str, service: ServiceReference) -> Causes:
    for name in ("name", "namespace"):
        if not getattr(service, name):
            yield error.required(f"{field}.{name}", f"service {name} is required")
    if service.port is not None and names.port_number(service.port):
        why = f"port is not valid: {', '.join(names.port_number(service.port))}"
        yield error.invalid(f"{field}.port", service.port, why)
    if not service.path or service.path == "/":
        return
    if not service.path.startswith("/"):
        yield error.invalid(f"{field}.path", service.path, "must start with a '/'")
    for step in service.path.removeprefix("/").removesuffix("/").split("/"):
        if not step:
            yield error.invalid(f"{field}.path", service.path, "segment may not be empty")
        yield from path_segment(f"{field}.path", step)


def _resources(field: str, values: tuple[str, ...]) -> Causes:
    if not values:
        yield error.required(field)
    whole: set[str] = set()
    parts: set[str] = set()
    plain = False
    for index, value in enumerate(values):
        here = f"{field}[{index}]"
        if not value:
            yield error.required(here)
            continue
        resource, slash, sub = value.partition("/")
        if not slash:
            plain = plain or value != "*"
            continue
        if resource in whole:
            yield error.invalid(here, value, f"if '{resource}/*' is present, must not specify {value}")
        if sub in parts:
            yield error.invalid(here, value, f"if '*/{sub}' is present, must not specify {value}")
        if sub == "*":
            whole.add(resource)
        if resource == "*":
            parts.add(sub)
    if len(values) > 1 and "*/*" in values:
        yield error.invalid(field, values, "if '*/*' is present, must not specify other resources")
    if "*" in values and plain:
        why = "if '*' is present, must not specify other resources without subresources"
        yield error.invalid(field, values, why)


RULES: Mapping[Kind[Any], Rules] = {
    kinds.VALIDATING_WEBHOOK_CONFIGURATIONS: Rules(create, update),
    kinds.MUTATING_WEBHOOK_CONFIGURATIONS: Rules(create, update),
}
