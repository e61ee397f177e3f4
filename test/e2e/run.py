#!/usr/bin/env python3
"""All end-to-end suites, one after the other, and the sum of their counts; ./check calls it. `--full` is handed on."""
import pathlib
import re
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
SUITES = ["test_ops.py", "test_bounds.py", "test_bands.py", "test_networks.py", "test_models.py", "test_streaming.py", "test_quantized.py", "test_torchvision.py",
          "test_aarch64.py", "test_profile.py"]


def main():
    if {"-h", "--help"} & set(sys.argv[1:]):
        print(__doc__)
        return 0
    totals, broken = [0, 0, 0], 0
    for suite in SUITES:
        print(f"== {suite}", flush=True)
        process = subprocess.Popen([sys.executable, HERE / suite, *sys.argv[1:]], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        last, start = "", time.monotonic()
        for line in process.stdout:
            last = line
            if not re.fullmatch(r"\d+ passed, \d+ failed, \d+ skipped\n", line):
                print(line, end="", flush=True)
        counts = re.fullmatch(r"(\d+) passed, (\d+) failed, (\d+) skipped\n", last)
        process.wait()
        if counts:
            totals = [a + int(b) for a, b in zip(totals, counts.groups())]
            print(f"-- {suite}: {last.strip()} ({time.monotonic() - start:.0f} s)", flush=True)
        else:
            print(f"FAIL: {suite} ended without counts, exit code {process.returncode}")
            broken += 1
    print(f"{totals[0]} passed, {totals[1] + broken} failed, {totals[2]} skipped")
    return 1 if totals[1] + broken else 0


if __name__ == "__main__":
    sys.exit(main())
