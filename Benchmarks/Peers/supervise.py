"""Runs one peer's script for a limited time and ends every process that it started: supervise.py SECONDS SCRIPT [ARGUMENT...].

What the script prints goes to standard output as it is. When it fails, one more row says why, with no value.
"""

import ctypes
import os
import signal
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from types import FrameType

from measuring import print_row

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36


def stop(signum: int, _: FrameType | None) -> None:
    raise SystemExit(128 + signum)


def descendants() -> list[int]:
    """All processes below this one. Orphans among them hang directly below it, because it is their reaper."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parent = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
            except (OSError, IndexError):
                continue
            children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        below = children.get(waiting.pop(), [])
        found += below
        waiting += below
    return found


def end_descendants() -> None:
    """Kills and reaps until nothing is left: what is killed may have started something meanwhile."""
    while alive := descendants():
        for process in alive:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGKILL)
        try:
            os.waitpid(-1, 0)
        except ChildProcessError:
            return


def run(seconds: float, command: list[str], folder: str) -> str | None:
    """What went wrong, or None."""
    errors = Path(folder) / "stderr"
    environment = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": folder}
    with errors.open("wb") as file:
        script = subprocess.Popen([sys.executable, *command], stderr=file, env=environment)
        try:
            code = script.wait(seconds)
        except subprocess.TimeoutExpired:
            return f"no end within {seconds:.0f} s"
    if code == 0:
        return None
    text = errors.read_text(errors="replace")
    sys.stderr.write(text[-2000:])
    return text.strip().rpartition("\n")[2] or f"ended with {code}"


def main() -> None:
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    for signum in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(signum, stop)
    prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    script = Path(__file__).parent / sys.argv[2]
    # A short path: sockets lie in it.
    with tempfile.TemporaryDirectory(prefix="peer-", ignore_cleanup_errors=True) as folder:
        try:
            failure = run(float(sys.argv[1]), [str(script), *sys.argv[3:]], folder)
        finally:
            end_descendants()
    if failure:
        print_row(" ".join(sys.argv[2:]), script.stem, None, "", f"not measured: {failure}")


if __name__ == "__main__":
    main()
