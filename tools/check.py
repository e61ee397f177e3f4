#!/usr/bin/env python3
"""Runs every suite of tests over a finished build and sums what they count; ./check calls it.

A suite is a command whose output ends with `N passed, N failed, N skipped`, each skip explained by a line
`skipped N: reason`; lit and CTest are brought to that form here. The whole output of each goes to build/check/SUITE.log.
"""
import argparse
import collections
import json
import os
import pathlib
import re
import subprocess
import sys
import time
import xml.etree.ElementTree as xml

ROOT = pathlib.Path(__file__).resolve().parents[1]
BUILD = ROOT / "build"
LOGS = BUILD / "check"
RESULTS = LOGS / "suite.json"  # coverage takes them from the suite that ran before
COUNTS = re.compile(r"^(\d+) passed, (\d+) failed, (\d+) skipped$", re.M)
SKIPPED = re.compile(r"^skipped (\d+): (.+)$", re.M)


class Result:
    def __init__(self):
        self.passed = self.failed = 0
        self.skips = collections.Counter()
        self.problems = []

    @property
    def skipped(self):
        return sum(self.skips.values())

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def run(name, command, **kwargs):
    """The exit code and all output of a command, kept in its log."""
    with open(LOGS / f"{name}.log", "w") as log:
        code = subprocess.run([str(c) for c in command], cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, **kwargs).returncode
    return code, (LOGS / f"{name}.log").read_text(errors="replace")


def counted(name, command):
    """A suite that prints its own counts."""
    result = Result()
    code, text = run(name, command)
    found = COUNTS.findall(text)
    if found:
        result.passed, result.failed, skipped = map(int, found[-1])
        for number, reason in SKIPPED.findall(text):
            result.skips[reason] += int(number)
        if result.skipped != skipped:
            result.skips["no reason given"] += skipped - result.skipped
    if not found or (code != 0) != (result.failed > 0):
        result.failed += 1
        result.problems.append(f"exit code {code} {'without counts' if not found else 'does not fit the counts'}")
    return result


def lit():
    result, report = Result(), LOGS / "lit.json"
    report.unlink(missing_ok=True)
    tool = re.search(r"^DNNC_LIT:\w+=(.+)$", (BUILD / "CMakeCache.txt").read_text(), re.M).group(1)
    run("lit", [sys.executable, tool, "-v", "-o", report, BUILD / "test"])
    for test in json.loads(report.read_text())["tests"] if report.exists() else []:
        if test["code"] in ("PASS", "XFAIL"):
            result.passed += 1
        elif test["code"] == "UNSUPPORTED":
            missing = re.search(r"unavailable features: (.+)", test["output"])
            result.skips[f"not here: {missing.group(1)}" if missing else "unsupported"] += 1
        else:
            result.failed += 1
            result.problems.append(f"{test['code']}: {test['name']}")
    if not result.passed:
        result.failed += 1
        result.problems.append("lit ran no test")
    return result


def ctest():
    result, report = Result(), LOGS / "ctest.xml"
    report.unlink(missing_ok=True)
    run("ctest", ["ctest", "--test-dir", BUILD, "-j", os.cpu_count(), "--output-on-failure", "--output-junit", report,
                  "--test-output-size-passed", "1000000"])  # GoogleTest's count comes last
    for case in xml.parse(report).getroot().iter("testcase") if report.exists() else []:
        if case.get("status") == "run":  # a GoogleTest program counts as many as it ran
            ran = re.search(r"\[  PASSED  \] (\d+) test", case.findtext("system-out") or "")
            result.passed += int(ran.group(1)) if ran else 1
        elif case.get("status") in ("notrun", "disabled") and case.find("failure") is None:
            said = re.search(r"(?:Skipped|skipped): *(.+)", case.findtext("system-out") or "")
            result.skips[said.group(1) if said else case.find("skipped").get("message", "skipped")] += 1
        else:
            result.failed += 1
            result.problems.append(f"FAIL: {case.get('name')}")
    if not result.passed:
        result.failed += 1
        result.problems.append("ctest ran no test")
    return result


def suites(full):
    script = lambda *args: [sys.executable, *args, *(["--full"] if full else [])]  # noqa: E731
    return {
        "lit": lit,
        "ctest": ctest,
        "cmake": lambda: counted("cmake", script("test/cmake/run.py")),
        "fuzz": lambda: counted("fuzz", script("test/fuzz/run.py")),
        "e2e": lambda: counted("e2e", script("test/e2e/run.py")),
        "instructions": lambda: counted("instructions", script("test/instructions/run.py")),
        "scale": lambda: counted("scale", script("test/scale/run.py")),
        "cuda": lambda: counted("cuda", script("test/cuda/run.py")),
        "random": lambda: counted("random", script("tools/random_models.py")),
        "suite": lambda: counted("suite", script("test/conformance/run.py", "--results", RESULTS)),
        "coverage": lambda: counted("coverage", [sys.executable, "tools/coverage.py", "--check", *(["--results", RESULTS] if RESULTS.exists() else [])]),
    }


def main():
    parser = argparse.ArgumentParser(prog="./check", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="also: dnnc built inside a consumer's tree by FetchContent, "
                        "every end-to-end case as C++ on every target, the largest models and graphs, ten minutes of fuzzing")
    parser.add_argument("--only", metavar="SUITE", choices=list(suites(False)), help="one of: %(choices)s")
    args = parser.parse_args()
    LOGS.mkdir(parents=True, exist_ok=True)
    RESULTS.unlink(missing_ok=True)

    total = Result()
    for name, suite in suites(args.full).items():
        if args.only in (None, name):
            start = time.monotonic()
            result = suite()
            print(f"== {name:8} {result}   ({time.monotonic() - start:.0f} s)", flush=True)
            for problem in result.problems[:40]:
                print(f"     {problem}")
            if result.failed:
                print(f"     see {(LOGS / name).relative_to(ROOT)}.log")
            total.passed += result.passed
            total.failed += result.failed
            total.skips += result.skips
    for reason, number in sorted(total.skips.items()):
        print(f"skipped {number}: {reason}")
    print(total)
    sys.exit(1 if total.failed else 0)


if __name__ == "__main__":
    main()
