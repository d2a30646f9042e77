"""What the reporter costs: small allreduces over gloo, with and without it, in turns of one run. One rank of RANKS; rank 0 prints JSON.

A turn without calls the very function of torch that is wrapped. All ranks change over together, after their records are sent.
"""

import json
import os
import statistics
import time

import torch
import torch.distributed as dist

import annalist_report

TURNS = int(os.environ.get("TURNS", "11"))
CALLS = int(os.environ.get("CALLS", "100"))
COUNT = int(os.environ.get("COUNT", "1024"))

torch.set_num_threads(1)
dist.init_process_group("gloo")
tensor = torch.ones(COUNT)
ways = {"with": dist.all_reduce, "without": dist.all_reduce.__wrapped__}
micros = {way: [] for way in ways}
processor = {way: [] for way in ways}
caller = {way: [] for way in ways}

for turn in range(-1, TURNS):
    for way in sorted(ways, reverse=turn % 2 == 0):
        annalist_report.flush(5)
        call = ways[way]
        ways["without"](tensor)
        used, own, began = time.process_time(), time.thread_time(), time.perf_counter()
        for _ in range(CALLS):
            call(tensor)
        wall, own = time.perf_counter() - began, time.thread_time() - own
        annalist_report.flush(5)
        if turn >= 0:
            micros[way].append(wall / CALLS * 1e6)
            caller[way].append(own / CALLS * 1e6)
            processor[way].append((time.process_time() - used) / CALLS * 1e6)

counts = annalist_report.counts()
if dist.get_rank() == 0:
    ratios = [a / b for a, b in zip(micros["with"], micros["without"])]
    print(
        json.dumps(
            {
                "with_micros": statistics.median(micros["with"]),
                "without_micros": statistics.median(micros["without"]),
                "ratio": statistics.median(ratios),
                "ratios": ratios,
                "with_processor_micros": statistics.median(processor["with"]),
                "without_processor_micros": statistics.median(processor["without"]),
                "with_caller_micros": statistics.median(caller["with"]),
                "without_caller_micros": statistics.median(caller["without"]),
                "dropped": counts["dropped"],
                "delivered": counts["delivered"],
            }
        ),
        flush=True,
    )
ways["without"](tensor)
dist.destroy_process_group()
