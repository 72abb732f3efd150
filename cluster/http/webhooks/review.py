"""The questions that webhooks are asked and the answers that they give: AdmissionReview (admission.k8s.io/v1).

Between `admission` and whoever sends. Mirrors webhook/request/admissionreview and webhook/errors. Invariant:
an answer is to the very question that was asked, or it is a failure.
"""

import base64
import binascii
import json
import uuid
from collections.abc import Mapping
from typing import Any, NamedTuple

from cluster.admission.validating_policies import Attributes
from cluster.admission.validating_policies.matching import Webhook
from cluster.api.errors import ApiError

API_VERSION = "admission.k8s.io/v1"
KIND = "AdmissionReview"


class CallFailed(Exception):
    """A webhook was not reached, or did not answer as it should."""


class Refused(ApiError):
    """A webhook refused the request; code and reason are those that it gave."""

    code, reason = 400, ""


class Verdict(NamedTuple):
    """What a webhook says: why not, or how the object is to be changed; and what the client is to be told."""

    refusal: Refused | None = None
    patch: Any = None
    warnings: tuple[str, ...] = ()


def asked(attributes: Attributes) -> dict[str, Any]:
    """The review that a webhook is sent."""
    objects = {"object": attributes.plain(attributes.object), "oldObject": attributes.plain(attributes.old)}
    request = {"uid": str(uuid.uuid4()), **attributes.told(), **objects, "options": None}
    return {"kind": KIND, "apiVersion": API_VERSION, "request": request}


def read(hook: Webhook, review: Mapping[str, Any], answer: Any) -> Verdict:
    """What the answer to a review says. CallFailed if it is none."""
    told = answer if isinstance(answer, Mapping) else {}
    given = f"{told.get('apiVersion', '')}, Kind={told.get('kind', '')}"
    if given != f"{API_VERSION}, Kind={KIND}":
        raise CallFailed(
            f"received invalid webhook response: expected webhook response of {API_VERSION}, Kind={KIND}, got {given}"
        )
    response = told.get("response")
    if not isinstance(response, Mapping):
        raise CallFailed("received invalid webhook response: webhook response was absent")
    wanted = review["request"]["uid"]
    if response.get("uid") != wanted:
        got = response.get("uid", "")
        raise CallFailed(f'received invalid webhook response: expected response.uid="{wanted}", got "{got}"')
    warnings = tuple(str(text) for text in response.get("warnings") or ())
    if response.get("allowed") is not True:
        return Verdict(_refusal(hook, response.get("status") or response.get("result") or {}), None, warnings)
    return Verdict(None, _patch(response), warnings)


def _patch(response: Mapping[str, Any]) -> Any:
    given = response.get("patch")
    if not given:
        return None
    if response.get("patchType") != "JSONPatch":
        raise CallFailed(
            "received invalid webhook response: webhook returned response.patch but not response.patchType"
        )
    try:
        return json.loads(base64.b64decode(given, validate=True))
    except (binascii.Error, ValueError, TypeError) as error:
        raise CallFailed(f"received undecodable patch in webhook response: {error}") from error


def _refusal(hook: Webhook, status: Mapping[str, Any]) -> Refused:
    denied = f'admission webhook "{hook.name}" denied the request'
    why = status.get("message") or status.get("reason")
    error = Refused(f"{denied}: {why}" if why else f"{denied} without explanation")
    code = status.get("code")
    error.code = max(code, 400) if isinstance(code, int) else 400  # type: ignore[misc]
    error.reason = str(status.get("reason") or "")  # type: ignore[misc]
    return error
