"""One of two ranks that call everything of torch.distributed that is reported, each with a size of its own. Prints its counts and its lines."""

import inspect
import json
import os
import sys

import torch
import torch.distributed as dist
from torch.distributed import isend as taken_before

import annalist_report

torch.set_num_threads(1)
dist.init_process_group("gloo")
rank = dist.get_rank()
other = 1 - rank
lines = {}


def ones(count, dtype=torch.float32):
    return torch.ones(count, dtype=dtype)


def at(name):
    """Remembers the line of the caller, which does the named operation on it."""
    lines[name] = f"programs/ops.py:{inspect.currentframe().f_back.f_lineno}"


at("all_reduce"), dist.all_reduce(ones(11))
at("broadcast"), dist.broadcast(ones(12), src=1)
at("reduce"), dist.reduce(ones(13), 1)
at("gather"), dist.gather(ones(14), [ones(14), ones(14)] if rank == 0 else None)
at("scatter"), dist.scatter(ones(15), [ones(15), ones(15)] if rank == 0 else None)
at("all_gather"), dist.all_gather([ones(16), ones(16)], tensor=ones(16))
at("all_to_all_single"), dist.all_to_all_single(ones(34), ones(34))
at("all_to_all_single_v"), dist.all_to_all_single(ones(18), ones(18), [9, 9], [9, 9])
at("barrier"), dist.barrier()
at("all_reduce_async"), dist.all_reduce(ones(19, torch.float64), async_op=True).wait()

# Nobody waits for the work itself: it is seen to be done.
work = dist.all_reduce(ones(20), async_op=True)
work.get_future().wait()

subgroup = dist.new_group([0, 1])
alone = dist.new_group([1])
at("subgroup"), dist.broadcast(ones(21), 0, group=subgroup)
if rank == 1:
    at("alone"), dist.all_reduce(ones(22), group=alone)

at("transfer"), (dist.send if rank == 0 else dist.recv)(ones(23), other)
at("transfer_async"), (dist.isend if rank == 0 else dist.irecv)(ones(24), other).wait()
if rank == 0:
    dist.recv(ones(25))
else:
    dist.send(ones(25), 0)
batch = [dist.P2POp(dist.isend, ones(26), other), dist.P2POp(dist.irecv, ones(26), other)]
for work in dist.batch_isend_irecv(batch):
    work.wait()
# A function that was taken before it was wrapped is still a transfer to torch, though it cannot be seen.
dist.P2POp(taken_before, ones(1), other)

gathered = [None, None]
at("object"), dist.all_gather_object(gathered, {"rank": rank})

errors = []
for name, call in (
    ("reduce_scatter", lambda: dist.reduce_scatter(ones(27), [ones(27), ones(27)])),
    ("reduce_scatter_tensor", lambda: dist.reduce_scatter_tensor(ones(28), ones(56))),
    ("all_gather_into_tensor", lambda: dist.all_gather_into_tensor(ones(58), ones(29))),
    ("all_to_all", lambda: dist.all_to_all([ones(30), ones(30)], [ones(30), ones(30)])),
):
    try:
        call()
    except RuntimeError as error:
        errors.append(name)

model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 2))
if os.environ.get("WATCH") == "by hand":
    annalist_report.watch(model)
model(ones((4, 3))).sum().backward()
gradient = [p.grad.sum().item() for p in model.parameters()]

annalist_report.flush(5)
print(json.dumps({**annalist_report.counts(), "lines": lines, "errors": errors, "gathered": gathered, "gradient": gradient}))
dist.destroy_process_group()
sys.exit(0)
