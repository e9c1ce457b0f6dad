"""A run's speed as ratios, all measured in one go, interleaved: the goals and whether they are met.

python -m bench.run [--whole] [--sample K]: --whole takes every study of the demo (minutes); K pages are executed by
papermill's own command line, drawn with a fixed seed, and its time is scaled up to all pages.
"""

import argparse
import os
import random
import sys
import tempfile
import time
import warnings
from pathlib import Path
from statistics import mean, median

from bench.pages import bare, executed_pages, papermill
from bench.processes import watch

ROOT = Path(__file__).parents[1]
DEMO = ROOT / "data" / "demo"
SOME = ("three-arm", "massage-plus", "goals")  # the largest, one in the middle, one of the smallest
SEED = 20261121
FASTER, BEYOND, AGAIN = 12, 0.5, 1.5  # goals: times papermill's speed; CPU seconds a page; times an import
PAIRS = 5


def main():
    """Print every measurement, and each goal with whether it is met."""
    arguments = read_arguments()
    with tempfile.TemporaryDirectory(prefix="mmresearch-bench-") as folder:
        studies, report = gather(Path(folder) / "studies", arguments.whole), Path(folder) / "out" / "report"
        command = [sys.executable, "-m", "mmresearch.cli", "run", str(studies), "--out", str(report)]
        ours = watch(command)
        pages = executed_pages(studies, report)
        drawn = random.Random(SEED).sample(pages, min(arguments.sample, len(pages)))
        half = len(drawn) // 2
        plain = [watch(papermill(page, Path(folder) / "plain.ipynb")) for page in drawn[:half]]
        ours = (ours, watch([*command, "--anew"]))
        plain += [watch(papermill(page, Path(folder) / "plain.ipynb")) for page in drawn[half:]]
        tell_speed(pages, ours, plain)
        tell_processor(pages, ours)
        tell_unchanged(command)


def read_arguments():
    parser = argparse.ArgumentParser(prog="python -m bench.run", description=__doc__.splitlines()[0])
    parser.add_argument("--whole", action="store_true", help="every study of the demo")
    parser.add_argument("--sample", type=int, default=10, metavar="K", help="pages that papermill executes")
    return parser.parse_args()


def gather(folder, whole):
    """Return a folder of studies: links, so that they are read where they are."""
    folder.mkdir()
    for path in sorted(DEMO.iterdir()):
        if path.is_dir() and (whole or path.name in SOME):
            (folder / path.name).symlink_to(path, target_is_directory=True)
    return folder


def tell_speed(pages, ours, plain):
    """Print wall time and memory of both, and their ratio. plain: the Costs of a sample of the pages."""
    wall, scaled = mean(each.wall for each in ours), mean(each.wall for each in plain) * len(pages)
    print(f"pages executed                      {len(pages)}, on {os.cpu_count()} cores")
    print(f"mmresearch run, report included     {wall:8.1f} s   peak {max(each.peak for each in ours):6.0f} MB"
          f"   ({' and '.join(f'{each.wall:.1f}' for each in ours)} s)")
    print(f"papermill, one after another        {scaled:8.1f} s   peak {max(each.peak for each in plain):6.0f} MB"
          f"   ({len(plain)} of the notebooks, scaled up)")
    goal("times as fast as papermill", scaled / wall, FASTER, at_least=True)


def tell_processor(pages, ours):
    """Print the CPU a page costs beyond its bare analysis, everything a run does included."""
    import_all()
    alone, whole = sum(bare(page) for page in pages), mean(each.cpu for each in ours)
    print(f"CPU of the run, per page            {whole / len(pages):8.2f} s   "
          f"(bare analysis {alone / len(pages):.2f} s)")
    goal("CPU seconds per page beyond it", (whole - alone) / len(pages), BEYOND)


def import_all():
    """Import what a warm kernel has imported, with one thread, so that bare code runs as it does there."""
    from mmresearch.runner.warm.template import warm
    from mmresearch.runner.warm.templates import ONE_THREAD, modules

    os.environ.update(ONE_THREAD)
    warnings.simplefilter("ignore")
    for name in modules():
        warm(name)


def tell_unchanged(command):
    """Print how long the run takes when nothing changed, beside importing papermill alone."""
    pairs = [(watch(command).wall, watch([sys.executable, "-c", "import papermill"]).wall) for _ in range(PAIRS)]
    print(f"unchanged run                       {median(ours for ours, _ in pairs):8.2f} s   "
          f"(import papermill {median(plain for _, plain in pairs):.2f} s)")
    goal("times the import of papermill", median(ours / plain for ours, plain in pairs), AGAIN)


def goal(name, found, wanted, at_least=False):
    """Print one goal and whether it is met."""
    met = found >= wanted if at_least else found <= wanted
    print(f"  {name:33} {found:8.2f}     goal: {'at least' if at_least else 'at most'} {wanted:g}   "
          f"{'met' if met else 'NOT met'}", flush=True)


if __name__ == "__main__":
    started = time.perf_counter()
    main()
    print(f"measured in {time.perf_counter() - started:.0f} s")
