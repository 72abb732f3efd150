"""Run scenarios, each in a process of its own, and print their figures beside the targets."""

import subprocess
import sys

from tests.benchmarks import api, app, engine

HEAD = f"{'scenario':<9} {'target':<22} {'CPU s':>7} {'pods/s':>8} {'writes':>9} {'MB':>6} {'slice p99':>9} {'max ms':>7} {'cluster s':>9}"


def one(name: str) -> None:
    """Run one scenario here and print its row."""
    waits = app.SCENARIOS | api.SCENARIOS
    if name in waits:
        target, measure = waits[name]
        print(f"{name:<9} {target:<30} {measure()}")
        return
    target, scenario = engine.SCENARIOS[name]
    got = scenario()
    print(
        f"{name:<9} {target:<22} {got.cpu:>7.2f} {got.pods / got.cpu:>8,.0f} {got.writes:>9,} {got.memory:>6.0f} "
        f"{got.slice_p99:>9.1f} {got.slice_max:>7.1f} {got.virtual:>9.1f}"
    )


def main() -> int:
    """Run the scenarios named, or all."""
    names = sys.argv[1:]
    if names[:1] == ["--here"]:
        one(names[1])
        return 0
    known = [*engine.SCENARIOS, *app.SCENARIOS, *api.SCENARIOS]
    unknown = [name for name in names if name not in known]
    if unknown:
        print(f"no such scenario: {', '.join(unknown)}; there are {', '.join(known)}", file=sys.stderr)
        return 2
    print(HEAD, flush=True)
    for name in names or known:
        subprocess.run([sys.executable, "-m", "tests.benchmarks", "--here", name], check=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
