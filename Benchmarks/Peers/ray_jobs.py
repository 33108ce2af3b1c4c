"""Ray: ray_jobs.py jobs ROUNDS | latency."""

import os
import sys
import tempfile

os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
import ray  # noqa: E402  reads the environment when it is imported

from measuring import THROUGHPUT_VOLATILE, print_rates, print_round_trips  # noqa: E402

JOBS = 10_000
TRIPS = 1_000
TASKS = f"Ray {ray.__version__}, tasks"
ACTORS = f"Ray {ray.__version__}, 2 actors"


@ray.remote
def task() -> None:
    pass


@ray.remote
class Actor:
    def call(self) -> None:
        pass


def main() -> None:
    ray.init(
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        object_store_memory=100 * 2**20,
        _temp_dir=tempfile.mkdtemp(),
    )
    ray.get([task.remote() for _ in range(500)])
    if sys.argv[1] == "jobs":
        print_rates(
            THROUGHPUT_VOLATILE, TASKS, int(sys.argv[2]), JOBS, lambda: ray.get([task.remote() for _ in range(JOBS)])
        )
    else:
        print_round_trips(TASKS, TRIPS, lambda: ray.get(task.remote()))

    # Two actors hold the two processors: tasks could not run beside them.
    actors = [Actor.options(num_cpus=1).remote() for _ in range(2)]
    ray.get([actor.call.remote() for actor in actors for _ in range(250)])
    if sys.argv[1] == "jobs":
        print_rates(
            THROUGHPUT_VOLATILE, ACTORS, int(sys.argv[2]), JOBS,
            lambda: ray.get([actors[job % 2].call.remote() for job in range(JOBS)]),
        )  # fmt: skip
    else:
        print_round_trips(ACTORS, TRIPS, lambda: ray.get(actors[0].call.remote()))
    ray.shutdown()


if __name__ == "__main__":
    main()
