"""A kernel's start until it answers, warm beside cold, interleaved; a report's pages. python -m bench.kernels"""

import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

TIMES = 5
STUDY = Path(__file__).parents[1] / "data" / "demo" / "goals"
IMPORTS = "from mmresearch import models, workbench; import pingouin"


def main():
    """Print the medians."""
    with tempfile.TemporaryDirectory(prefix="mmresearch-bench-") as folder:
        pages, processor = write_pages(folder)  # first: the other changes this process's environment
        print(f"{'HTML, CPU per page':44} {processor / pages:6.3f} s   ({pages} pages)")
        for name, seconds in starts(folder).items():
            print(f"{name:44} {median(seconds):6.2f} s   ({min(seconds):.2f} to {max(seconds):.2f})")


def starts(folder):
    """Return the seconds of each start until the kernel has imported what notebooks import, by the kind of kernel."""
    from mmresearch.runner.warm import KERNEL, register
    from mmresearch.runner.warm.templates import prepare
    from mmresearch.runner.workers import environment

    os.environ.update(environment(folder))
    Path(os.environ["JUPYTER_RUNTIME_DIR"]).mkdir(exist_ok=True)
    register()
    prepare()
    start(KERNEL, folder)  # the template's own imports are the run's, not a page's
    found = {"warm kernel, start to ready": [], "cold kernel, start to ready, with its imports": []}
    for _ in range(TIMES):
        for seconds, name in zip(found.values(), (KERNEL, "python3"), strict=True):
            seconds.append(start(name, folder))
    return found


def start(name, folder):
    """Return the seconds until a kernel has answered that everything is imported."""
    from jupyter_client.manager import KernelManager

    began = time.perf_counter()
    manager = KernelManager(kernel_name=name, transport="ipc", ip=str(Path(folder) / "kernel"))
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        client.execute_interactive(IMPORTS, timeout=120, output_hook=lambda message: None)
        return time.perf_counter() - began
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def write_pages(folder):
    """Return (pages, CPU seconds) of writing a report whose notebooks have been executed before."""
    from mmresearch import cli, report

    spent = []

    def timed(write):
        def take(*given, **more):
            began = time.process_time()
            write(*given, **more)
            spent.append(time.process_time() - began)
        return take

    target = Path(folder) / "out" / "report"
    report.write_claims, report.write_report = timed(report.write_claims), timed(report.write_report)
    with open(os.devnull, "w") as nowhere:
        sys.stdout, sys.stderr, told = nowhere, nowhere, (sys.stdout, sys.stderr)
        try:
            for _ in range(2):  # of the first, templates and imports are part
                spent.clear()
                code = cli.main(["run", str(STUDY), "--out", str(target), "--anew"])
        finally:
            sys.stdout, sys.stderr = told
    if code:
        raise SystemExit(f"bench: the run ended with code {code}")
    return len(list(target.rglob("*.html"))), sum(spent)


if __name__ == "__main__":
    main()
