#!/usr/bin/env python3
"""Makes the bundled sample of two public hot lists: hotlists/posts.jsonl.zst and heartbeats.jsonl.zst.

    python3 make_hotlists.py DIRECTORY [OUTPUT]

DIRECTORY holds weibo_events, weibo_snapshots, zhihu_events and zhihu_snapshots (*.jsonl.zst), made
from justjavac/weibo-trending-hot-search and lonnyzhang423/zhihu-hot-hub (both MIT; see NOTICE).
Of each new listing the sample keeps id, source, time first recorded, title, rank and heat: no
excerpts, no counts of answers, nothing about authors. Heartbeats are the moments at which a board
was really recorded, so that holes in the archives are gaps and not silence.
Needs the zstd command and nothing outside Python's standard library.
"""
import json
import pathlib
import subprocess
import sys

BOARDS = [("weibo", "2020-12-01", "2021-03-01"), ("zhihu", "2021-01-08", "2021-03-01")]


def lines(path):
    unpacked = subprocess.Popen(["zstd", "-dc", path], stdout=subprocess.PIPE, text=True)
    for line in unpacked.stdout:
        yield json.loads(line)


def pack(path, records):
    records.sort(key=lambda record: (record["time"], record["source"], int(record.get("id", "0").split("-")[-1])))
    text = "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records)
    subprocess.run(["zstd", "-q", "-f", "-19", "-o", path], input=text.encode(), check=True)
    print(f"{path}: {len(records)} lines, {len(text.encode()):,} bytes, {path.stat().st_size:,} packed")


def main(directory, output):
    posts, heartbeats = [], []
    for board, first, end in BOARDS:
        for event in lines(f"{directory}/{board}_events.jsonl.zst"):
            if first <= event["ts"] < end:
                post = {"id": f"{board}-{event['id']}", "source": board, "time": event["ts"],
                        "title": event["title"], "rank": event["rank"], "publisher": "platform"}
                if event.get("heat") is not None:
                    post["heat"] = event["heat"]
                posts.append(post)
        for snapshot in lines(f"{directory}/{board}_snapshots.jsonl.zst"):
            if first <= snapshot["ts"] < end:
                heartbeats.append({"source": board, "time": snapshot["ts"]})
    pack(output / "posts.jsonl.zst", posts)
    pack(output / "heartbeats.jsonl.zst", heartbeats)


main(sys.argv[1], pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else "hotlists"))
