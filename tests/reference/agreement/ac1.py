"""Adds Gwet's AC1 (irrCAC 0.4.4, raw ratings) to output-r.json: python ac1.py output-r.json > output.json"""

import json
import sys

import pandas as pd
from irrCAC.raw import CAC

made = json.load(open(sys.argv[1]))
made["ac1"] = []
for case in made["tables"]:
    rows = [(i, j) for i, row in enumerate(case["table"]) for j, count in enumerate(row) for _ in range(int(count))]
    found = CAC(pd.DataFrame(rows, columns=["first", "second"]), digits=9).gwet()["est"]
    made["ac1"].append({"name": case["name"], "table": case["table"], "ac1": float(found["coefficient_value"]),
                        "se": float(found["se"])})
json.dump(made, sys.stdout, indent=1)
