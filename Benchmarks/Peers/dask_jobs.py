"""dask: dask_jobs.py jobs ROUNDS | latency | memory. A scheduler and two workers of one thread, each a process."""

import subprocess
import sys
import tempfile
from pathlib import Path

import distributed
from distributed import Client

from measuring import MEMORY, THROUGHPUT_VOLATILE, print_rates, print_round_trips, print_row, resident, wait_until

JOBS = 2_000
QUEUED = 10_000
TRIPS = 500
PEER = f"dask {distributed.__version__}"


def job(_: int) -> None:
    pass


def queued(dask_scheduler: distributed.Scheduler) -> int:
    return len(dask_scheduler.tasks)


def start(role: str, arguments: list[str], folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", f"distributed.cli.dask_{role}", "--no-dashboard", *arguments]
    return subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)


def run(client: Client, count: int) -> None:
    client.gather(client.map(job, range(count), pure=False))


def print_memory(client: Client, scheduler: int) -> None:
    print_row(MEMORY + "idle", f"{PEER} scheduler", resident(scheduler), "MiB")
    futures = client.map(job, range(QUEUED), pure=False)
    wait_until("the tasks are queued", lambda: client.run_on_scheduler(queued) == len(futures))
    print_row(MEMORY + "10,000 jobs queued", f"{PEER} scheduler", resident(scheduler), "MiB")


def main() -> None:
    folder = Path(tempfile.mkdtemp())
    address = folder / "scheduler.json"
    scheduler = start("scheduler", ["--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(address)], folder)
    wait_until("the scheduler tells its address", address.exists)
    with Client(scheduler_file=str(address), timeout="30s") as client:
        if sys.argv[1] == "memory":
            print_memory(client, scheduler.pid)
            return
        for _ in range(2):
            start("worker", ["--scheduler-file", str(address), "--nthreads", "1", "--no-nanny"], folder)
        client.wait_for_workers(2, timeout=60)
        run(client, 500)
        if sys.argv[1] == "jobs":
            print_rates(THROUGHPUT_VOLATILE, PEER, int(sys.argv[2]), JOBS, lambda: run(client, JOBS))
        else:
            print_round_trips(PEER, TRIPS, lambda: client.submit(job, 0, pure=False).result())


if __name__ == "__main__":
    main()
