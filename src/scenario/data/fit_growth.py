#!/usr/bin/env python3
"""Fits the growth classes of scenario files and prints growth.toml.

    python3 fit_growth.py DIRECTORY > growth.toml

DIRECTORY holds growth_curves.jsonl.zst: per line one topic of a public archive of Weibo's hot
list, {"start": RFC 3339, "points": [[minutes, heat, read, discussions], ...]}, no titles.
Needs the zstd command and nothing outside Python's standard library.

A topic counts when its discussions never fall, are exact (below 10,000), reach 50 in one hour and
are seen at least every 2.2 hours. Its hourly increments are divided by the largest. What happened
before the topic was listed is not in the archive; it is filled in backwards by the doubling time
that the first hour implies, down to three hundredths of the peak, which is the onset.
"""
import json
import math
import statistics
import subprocess
import sys

ONSET_SHARE = 0.03
HOURS_AFTER_PEAK = 8


def topics(directory):
    archive = subprocess.Popen(
        ["zstd", "-dc", f"{directory}/growth_curves.jsonl.zst"], stdout=subprocess.PIPE, text=True
    )
    for line in archive.stdout:
        points = json.loads(line)["points"]
        hours = [point[0] / 60 for point in points]
        total = [point[3] for point in points]
        steps = list(zip(hours, hours[1:], total, total[1:]))
        exact = len(points) >= 5 and total[0] > 0 and 200 <= total[-1] < 10_000
        if exact and all(b - a <= 2.2 and y >= x for a, b, x, y in steps):
            yield total[0], hourly(steps, int(hours[-1]))


def hourly(steps, length):
    def total_at(hour):
        for a, b, x, y in steps:
            if b >= hour:
                return x + (y - x) * (hour - a) / (b - a)
        return steps[-1][3]

    totals = [total_at(hour) for hour in range(length + 1)]
    return [later - earlier for earlier, later in zip(totals, totals[1:])]


def class_of(peak_hour, doubling):
    if peak_hour == 0:
        return "abrupt" if doubling <= 0.3 else "quick"
    if peak_hour <= 2:
        return "steady"
    return "slow" if peak_hour <= 8 else None


def main(directory):
    classes = {"abrupt": [], "quick": [], "steady": [], "slow": []}
    for listed_with, rates in topics(directory):
        largest = max(rates, default=0)
        if len(rates) < 4 or largest < 50 or rates[0] <= 0:
            continue
        peak_hour = rates.index(largest)
        doubling = math.log(2) * listed_with / rates[0]
        name = class_of(peak_hour, doubling)
        if name:
            classes[name].append((peak_hour, doubling, [rate / largest for rate in rates]))
    for name, cases in classes.items():
        print_class(name, cases)


def print_class(name, cases):
    peak_hour = round(statistics.median(case[0] for case in cases))
    doubling = statistics.median(case[1] for case in cases)
    doubling = min(max(doubling, 0.25), 1.0)
    shares = []
    for offset in range(-peak_hour, HOURS_AFTER_PEAK + 1):
        seen = [rates[peak + offset] for peak, _, rates in cases if 0 <= peak + offset < len(rates)]
        if len(seen) >= 100:
            shares.append(statistics.median(seen))
    # The middle of the first hour on the list, reached by doubling from the onset.
    before = math.log2(shares[0] / ONSET_SHARE) * doubling
    points = []
    steps = max(2, round(before / (doubling / 2)))
    for step in range(steps):
        ago = before * (1 - step / steps)
        points.append((before - ago, shares[0] * 2 ** (-ago / doubling)))
    points += [(before + hour, share) for hour, share in enumerate(shares)]
    print(f"\n[growth.{name}]\n# {len(cases)} topics, doubling before they were listed {doubling:.2f} h")
    rows = ", ".join(f"[{hour:.2f}, {share:.3f}]" for hour, share in points)
    print(f"points = [{rows}]")


print("""# How fast public topics rise and fall: hours since the onset, share of the hourly peak.
# Median curves fitted by fit_growth.py to discussions per hour of topics on Weibo's hot list,
# May 2024 to June 2025: lxw15337674/weibo-trending-hot-history (MIT licence). See NOTICE.""")
main(sys.argv[1])
