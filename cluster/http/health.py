"""What the server says of itself: which version it is, whether it is well, which paths it has.

A corner of the facade beside `discovery`. Mirrors the API server's /version, /healthz, /livez and /readyz.
Invariant: whoever asks is answered, for a server that could not would be no process at all.
"""

from collections.abc import Mapping

from cluster.http import discovery, issuer
from cluster.http.messages import Request, Response, answer
from cluster.registry import Registry

VERSION = {
    "major": "1", "minor": "36", "emulationMajor": "1", "emulationMinor": "36", "minCompatibilityMajor": "1",
    "minCompatibilityMinor": "35", "gitVersion": "v1.36.2", "gitCommit": "", "gitTreeState": "clean",
    "buildDate": "2026-06-01T00:00:00Z", "goVersion": "none", "compiler": "none", "platform": "linux/amd64",
}  # fmt: skip
_CHECKS = ("ping", "log", "etcd")
CHECKS: Mapping[str, tuple[str, ...]] = {
    "healthz": _CHECKS, "livez": _CHECKS, "readyz": (*_CHECKS, "etcd-readiness", "informer-sync", "shutdown"),
}  # fmt: skip
_TEXT = "text/plain; charset=utf-8"
_HEADERS = (("X-Content-Type-Options", "nosniff"),)


def document(request: Request, registry: Registry) -> Response | None:
    """The answer for a path that asks about the server, or None."""
    path = request.path.rstrip("/")
    if not path:
        return answer({"paths": _paths(registry)})
    if path == "/version":
        return answer(VERSION)
    name, _, check = path[1:].partition("/")
    if name not in CHECKS or (check and check not in CHECKS[name]):
        return None
    return _healthy(name, check, request)


def _healthy(name: str, check: str, request: Request) -> Response:
    if check or "verbose" not in request.query:
        return Response(200, b"ok", _TEXT, _HEADERS)
    excluded = request.query.get("exclude", ())
    lines = [f"[+]{each} {'excluded: ok' if each in excluded else 'ok'}" for each in CHECKS[name]]
    return Response(200, "\n".join([*lines, f"{name} check passed", ""]).encode(), _TEXT, _HEADERS)


def _paths(registry: Registry) -> list[str]:
    checks = [f"/{name}{each}" for name, names in CHECKS.items() for each in ("", *(f"/{check}" for check in names))]
    return sorted([*discovery.paths(registry), *checks, *issuer.PATHS, "/openapi/v2", "/openapi/v3", "/version"])
