"""The demo run's wall time and peak memory, beside plain papermill executing the same notebooks one after another.

python -m bench.run [--sample K]: with K, papermill executes every K-th notebook only, and its time is scaled up.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
STUDIES = ROOT / "data" / "demo"
EVERY = 0.25  # seconds between two looks at the memory


def main():
    """Print wall time and peak memory of both, and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.splitlines()[0])
    parser.add_argument("--sample", type=int, default=1, metavar="K", help="papermill executes every K-th notebook")
    every = parser.parse_args().sample
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report"
        command = [sys.executable, "-m", "mmresearch.cli", "run", str(STUDIES), "--out", str(report)]
        ours = watch([command])
        pages = list(executed_pages(report))
        plain = watch([papermill(page, Path(folder)) for page in pages[::every]])
    scale = len(pages) / len(pages[::every])
    said = f" ({len(pages[::every])} notebooks, scaled up)" if every > 1 else ""
    print(f"pages executed                      {len(pages)}, on {os.cpu_count()} cores")
    print(f"mmresearch run, report included     {ours[0]:8.1f} s   peak {ours[1]:6.0f} MB")
    print(f"papermill, one after another        {plain[0] * scale:8.1f} s   peak {plain[1]:6.0f} MB{said}")
    print(f"ratio                               {plain[0] * scale / ours[0]:8.2f}")


def executed_pages(report):
    """Yield (study folder, page, notebook) for each page the run executed, as its run.json says."""
    for path in sorted(report.glob("*/run.json")):
        for page in json.loads(path.read_text(encoding="utf-8"))["pages"]:
            yield path.parent, page["page"], page["notebook"]


def papermill(page, folder):
    """Return papermill's own command line for one page."""
    report, name, notebook = page
    given = {"study": STUDIES / report.name, "claim": name}
    wanted = {"study.ipynb": ["study"], "verdicts.ipynb": ["run"]}.get(notebook, ["study", "claim"])
    given["run"] = report
    words = [word for key in wanted for word in ("-p", key, str(given[key]))]
    return [str(Path(sys.executable).with_name("papermill")), "--no-progress-bar", str(ROOT / "notebooks" / notebook),
            str(folder / "plain.ipynb"), *words]


def watch(commands):
    """Run commands one after another: (seconds, peak memory of all their processes together in MB)."""
    peak, done = [0.0], threading.Event()
    begun = time.perf_counter()
    watcher = threading.Thread(target=_sample, args=(peak, done))
    watcher.start()
    try:
        for command in commands:
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    finally:
        done.set()
        watcher.join()
    return time.perf_counter() - begun, peak[0]


def _sample(peak, done):
    while not done.wait(EVERY):
        peak[0] = max(peak[0], sum(proportional_megabytes(pid) for pid in descendants(os.getpid())))


def descendants(ancestor):
    """Return the ids of all processes below `ancestor`."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rpartition(")")[2].split()[1])
        except (OSError, ValueError):  # it has ended since
            continue
    found, left = [], [ancestor]
    while left:
        parent = left.pop()
        children = [pid for pid, its in parents.items() if its == parent]
        found += children
        left += children
    return found


def proportional_megabytes(pid):
    """Return a process's memory, pages shared between processes counted in shares (PSS), in MB."""
    try:
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) / 1024
    except OSError:
        pass
    return 0.0


if __name__ == "__main__":
    main()
