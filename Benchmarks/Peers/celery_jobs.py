"""Celery on redis with an append-only file: celery_jobs.py jobs ROUNDS | memory. Its workers import this file too."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import celery
import redis

from measuring import MEMORY, THROUGHPUT_COMMITTED, print_rates, print_row, resident, wait_until

JOBS = 2_000
QUEUED = 10_000
SOCKET = os.environ.setdefault("PEER_REDIS", tempfile.mkdtemp() + "/redis")

app = celery.Celery("peer", broker=f"redis+socket://{SOCKET}", backend=f"redis+socket://{SOCKET}")
app.conf.task_acks_late = True  # else a job is lost with its worker
app.conf.worker_prefetch_multiplier = 32  # the credit that our workers have


@app.task(name="job")
def job() -> None:
    pass


def start_redis(sync: str) -> tuple[subprocess.Popen[bytes], redis.Redis]:
    command = ["redis-server", "--port", "0", "--unixsocket", SOCKET, "--dir", tempfile.mkdtemp(), "--save", ""]
    server = subprocess.Popen([*command, "--appendonly", "yes", "--appendfsync", sync], stdout=subprocess.DEVNULL)
    client = redis.Redis(unix_socket_path=SOCKET)
    wait_until("redis answers", lambda: Path(SOCKET).exists() and bool(client.ping()))
    return server, client


def stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(30)


def run(count: int) -> None:
    for result in [job.delay() for _ in range(count)]:
        result.get(timeout=60)


def print_throughput(sync: str, rounds: int) -> None:
    server, client = start_redis(sync)
    command = [sys.executable, "-m", "celery", "-A", "celery_jobs", "worker", "--pool", "prefork", "--concurrency", "2"]
    quiet = ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "error"]
    worker = subprocess.Popen([*command, *quiet], cwd=Path(__file__).parent, stdout=subprocess.DEVNULL)
    run(500)
    peer = f"Celery {celery.__version__}, redis {client.info('server')['redis_version']}, fsync {sync}"
    print_rates(THROUGHPUT_COMMITTED, peer, rounds, JOBS, lambda: run(JOBS))
    stop(worker)
    stop(server)


def print_memory() -> None:
    server, client = start_redis("always")
    peer = f"redis {client.info('server')['redis_version']}"
    print_row(MEMORY + "idle", peer, resident(server.pid), "MiB")
    for _ in range(QUEUED):
        job.delay()
    print_row(MEMORY + "10,000 jobs queued", peer, resident(server.pid), "MiB", "as Celery's messages")
    stop(server)


def main() -> None:
    if sys.argv[1] == "memory":
        print_memory()
        return
    for sync in ("always", "everysec"):
        print_throughput(sync, int(sys.argv[2]))


if __name__ == "__main__":
    main()
