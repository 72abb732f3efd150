"""Live seeds by hand: `python -m tests.properties.simulation 7`, `… --seeds 1000-2000`."""

import argparse
import sys

from tests.properties.simulation.bugs import BUGS
from tests.properties.simulation.run import Run, run


def main() -> int:
    """Whether something is wrong with a seed, as an exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.properties.simulation", description=__doc__)
    parser.add_argument("seed", nargs="?", type=int, help="replay one seed, and print every write, step and death")
    parser.add_argument("--seeds", metavar="A-B", help="live many, and print what is wrong with them")
    parser.add_argument("--bug", choices=sorted(BUGS), default="", help="plant a bug in the engine")
    given = parser.parse_args()
    if given.seed is None and given.seeds is None:
        parser.error("which seed?")
    if given.seed is not None:
        done = run(given.seed, given.bug)
        print_log(done)
        print(done.report() if done.found else f"nothing is wrong; digest {done.world.digest()}")
        return bool(done.found)
    first, _, last = given.seeds.partition("-")
    return many(range(int(first), int(last or first) + 1), given.bug)


def many(seeds: range, bug: str = "") -> int:
    """Live each of the seeds."""
    bad = 0
    for seed in seeds:
        done = run(seed, bug)
        if done.found:
            bad += 1
            print(f"seed {seed}: {done.report()}", flush=True)
    print(f"{len(seeds) - bad} of {len(seeds)} seeds are clean")
    return bool(bad)


def print_log(done: Run) -> None:
    """Every write, between them what the user did and which processes died."""
    told = [(revision, f"{time:>9} user: {words}") for time, revision, words in done.user.told]
    for process in done.world.processes:
        told += [(revision, f"{time:>9} {process.name} dies {words}") for time, revision, words in process.deaths]
    told.sort(key=lambda row: row[0])
    for name, entry in done.world.store.log():
        while told and told[0][0] < entry.revision:
            print(told.pop(0)[1])
        what = "deleted" if entry.object is None else "created" if entry.previous is None else "changed"
        print(f"{entry.revision:>9} {name} {entry.key} {what} by {entry.actor} because of {entry.cause}")
    for _, words in told:
        print(words)


if __name__ == "__main__":
    sys.exit(main())
