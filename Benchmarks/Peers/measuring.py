"""What the peers' scripts share: rows as `deploy/bench` reads them, quantiles, resident memory."""

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

THROUGHPUT_VOLATILE = "no-op jobs, 2 workers, volatile"
THROUGHPUT_COMMITTED = "no-op jobs, 2 workers, committed"
LATENCY = "one job at a time, volatile, "
MEMORY = "coordinator memory, "
ENGINE = "engine, corpus run EmaCross"
DRY_RUN_FEED = "market data through a dry-run worker"
ORDER = "candle close to order, journal on disk, p50"
DRY_RUN_MEMORY = "dry-run worker memory, resident"


def print_row(what: str, peer: str, value: float | None, unit: str, note: str = "") -> None:
    """`what` is the row of ours that it is compared with."""
    print(json.dumps({"what": what, "peer": peer, "value": value, "unit": unit, "note": note}), flush=True)


def quantile(values: list[float], part: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * part))]


def print_rates(what: str, peer: str, rounds: int, jobs: int, measure: Callable[[], object]) -> None:
    """`measure` has so many jobs run to their end. The median of the rounds counts."""
    rates: list[float] = []
    for _ in range(rounds):
        start = time.perf_counter()
        measure()
        rates.append(jobs / (time.perf_counter() - start))
    print_row(what, peer, quantile(rates, 0.5), "jobs/s", f"{jobs:,} jobs; best {max(rates):,.0f}")


def print_round_trips(peer: str, jobs: int, trip: Callable[[], object]) -> None:
    """`trip` has one job run and waits for its result."""
    trips: list[float] = []
    for _ in range(jobs):
        start = time.perf_counter()
        trip()
        trips.append((time.perf_counter() - start) * 1000)
    for name, part in (("p50", 0.5), ("p99", 0.99)):
        print_row(LATENCY + name, peer, quantile(trips, part), "ms", f"{jobs:,} jobs")


def resident(process: int) -> float:
    """Mebibytes that a process has in memory."""
    for line in Path(f"/proc/{process}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError(f"process {process} is gone")


def wait_until(what: str, condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"waited {seconds:.0f} s in vain: {what}")
        time.sleep(0.05)
