"""`make bench`: every measurement, one after another, each in a process of its own so that none warms another."""

import subprocess
import sys

for module in ("bench.run", "bench.kernels", "bench.estimates", "bench.mmrm", "bench.anonymity"):
    print(f"== {module}", flush=True)
    subprocess.run([sys.executable, "-m", module], check=True)
