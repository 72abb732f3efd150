"""Seeded lives of a cluster under faults: at no revision is a rule broken, and it comes to the rest asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from cluster.api.kinds import EVENTS
from tests.properties.simulation.bugs import BUGS
from tests.properties.simulation.faults import CALM, ROUGHNESS
from tests.properties.simulation.run import Run, rates_of, run

ROOT = Path(__file__).parent.parent.parent.parent
SEEDS = range(60)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_life_breaks_no_rule(seed: int) -> None:
    """Whatever the user does and whichever components crash, lag and repeat themselves, nothing is wrong, then or in the end."""
    done = run(seed)
    assert not done.found, done.report()


def test_every_fault_happens() -> None:
    """The seeds lived have all kinds of roughness, and components do die and come back in them."""
    assert {rates_of(seed) for seed in SEEDS} == set(ROUGHNESS)
    rough = [seed for seed in SEEDS if rates_of(seed) not in (CALM, ROUGHNESS[1])][:6]
    deaths = [death for seed in rough for process in run(seed).world.processes for death in process.deaths]
    assert {words.split()[0] for _, _, words in deaths} == {"before", "after"}


def test_what_matters_does_happen() -> None:
    """The lives have in them what the rules are about: no rule holds because nothing comes near it."""
    store_of = [run(seed).world.store for seed in SEEDS[:20]]
    told = {event.reason for store in store_of for event in store.table(EVENTS).values()}
    assert told >= {
        "Preempted", "FailedScheduling", "TaintManagerEviction", "NodeNotReady", "ScalingReplicaSet", "FailedCreate",
        "SuccessfulDelete", "Completed", "BackoffLimitExceeded", "ProvisioningSucceeded",
    }  # fmt: skip


@pytest.mark.parametrize("name", BUGS)
def test_a_planted_bug_is_found(name: str) -> None:
    """Each bug breaks its rule in a life that breaks none without it, and the report says how to see it again."""
    bug = BUGS[name]
    lives = (run(seed, name) for seed in (bug.seed, *SEEDS))
    sick = next(done for done in lives if any(bug.told in words for words in done.found))
    assert sick.report().endswith(f"replay: python -m tests.properties.simulation {sick.seed} --bug {name}")
    assert run(sick.seed).found == []


def test_a_failing_seed_says_how_to_replay_it() -> None:
    """The report of what is wrong ends in the command that lives the same seed again."""
    done = run(3)
    assert Run(3, done.world, done.user, ["it is broken"]).report().splitlines() == [
        "it is broken",
        "replay: python -m tests.properties.simulation 3",
    ]


def test_a_replay_is_the_same_life() -> None:
    """The command lives the seed to the same log, byte for byte, whatever the hashes of its strings are."""
    digest = run(3).world.digest()
    for hash_seed in ("1", "2"):
        shown = subprocess.run(
            [sys.executable, "-m", "tests.properties.simulation", "3"], cwd=ROOT, capture_output=True, text=True, check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout  # fmt: skip
        assert shown.splitlines()[-1] == f"nothing is wrong; digest {digest}"
