"""Reports the collectives of a job to an Annalist agent: what each rank entered, when, and when it was out again.

    import annalist_report                       # wraps torch.distributed, now or when it is imported
    python -m annalist_report train.py --lr 3    # the same without touching the script
    torchrun --nproc-per-node 4 -m annalist_report train.py

Programs without torch say it themselves:

    with annalist_report.collective("allreduce", rank=comm.rank, size=comm.size, count=x.size, dtype=x.dtype):
        comm.Allreduce(x, y)

Records go to ANNALIST_CCL_URL from a thread of their own. The job never waits for them and never fails by them: what cannot be sent is
dropped and counted. docs/reporters.md names every setting. Python 3.9 or newer, no dependencies, one file.
"""

import atexit
import collections
import contextlib
import datetime
import functools
import http.client
import importlib.util
import inspect
import itertools
import json
import os
import queue
import runpy
import socket
import ssl
import sys
import threading
import time
import urllib.parse
import weakref

__all__ = ["clock", "collective", "counts", "flush", "install", "transfer", "watch"]


def clock():
    """The reporter's own clock, in microseconds: steady, never compared with anybody's wall clock. A program may put its own here."""
    return time.monotonic_ns() // 1000


# ---- Settings ------------------------------------------------------------------------------------------------------------------

_OFF = ("0", "off", "no", "false")


def _number(name, default):
    try:
        return float(os.environ[name])
    except (KeyError, ValueError):
        return default


_on = os.environ.get("ANNALIST_REPORT", "on").lower() not in _OFF
_url = os.environ.get("ANNALIST_CCL_URL") or "http://127.0.0.1:8081/log_ccl"
#: Records that wait at most; beyond them the oldest are dropped.
_queue_limit = max(1, int(_number("ANNALIST_REPORT_QUEUE", 20_000)))
#: How long the end of the job may be put off for the last records.
_exit_seconds = max(0.0, _number("ANNALIST_REPORT_EXIT_SECONDS", 1.0))

#: Between two posts, so that a busy job sends many records at once; the first after a quiet time goes without delay.
_spacing_seconds = (0.01, 0.02)
#: A post of so few records tells of a job that is not busy.
_few_records = 2
_post_timeout_seconds = 5.0
_backoff_seconds = (0.1, 2.0)
_records_a_post = 1000
#: How often an operation that nobody waits for is asked whether it is done.
_poll_seconds = 0.005
_pending_limit = 4096
#: A start is told again while its operation goes on, after so long, then after twice as long each time: posts get lost, agents begin late.
_repeat_seconds = (2.0, 60.0)
_cache_limit = 4096
_answer_bytes = 1 << 20


# ---- The thread that sends -----------------------------------------------------------------------------------------------------


class _Flush:
    def __init__(self):
        self.done = threading.Event()


class _Sender:
    """Takes records without ever blocking, and posts them from a thread that begins with the first of them."""

    def __init__(self, url, limit):
        self.url = url
        self.limit = limit
        self.polls = []  # what else the thread looks after: functions that answer whether they want to be called again soon
        self.due = lambda: None  # records to be told again are put here by it; it answers in how many seconds it wants to be asked again
        self.recorded = itertools.count()
        self.delivered = 0
        self.refused = 0
        self.posts = 0
        self.connections = 0
        self.failures = 0
        self.last_failure = None
        self.exit_seconds = _exit_seconds
        # SimpleQueue.put may be called from a signal handler that interrupts another put; queue.Queue would lock up.
        self._queue = queue.SimpleQueue()
        self._backlog = collections.deque()
        self._overflowed = 0
        self._overaged = 0
        self._told_dropped = 0
        self._flushes = []
        self._not_before = 0.0
        self._backoff = 0.0
        self._connection = None
        self._thread = None
        self._lock = threading.RLock()

    @property
    def dropped(self):
        return self._overflowed + self._overaged

    @property
    def waiting(self):
        return self._queue.qsize() + len(self._backlog)

    def put(self, record):
        next(self.recorded)
        if self._queue.qsize() >= self.limit:
            self._make_room()
        self._queue.put(record)
        if self._thread is None:
            self._start()

    def _make_room(self):
        """The oldest goes: what a rank is in now tells more than what it left long ago."""
        with contextlib.suppress(queue.Empty):
            oldest = self._queue.get_nowait()
            if isinstance(oldest, _Flush):
                oldest.done.set()
            elif oldest is not None:
                with self._lock:
                    self._overflowed += 1

    def flush(self, seconds):
        """Waits until everything was sent or could not be, `seconds` at most. True if nothing is left."""
        if self._thread is None:
            return self.waiting == 0
        flush = _Flush()
        self._queue.put(flush)
        flush.done.wait(seconds)
        return self.waiting == 0

    def wake(self):
        """Lets the thread look at its polls."""
        self._queue.put(None)
        if self._thread is None:
            self._start()

    def abandon(self):
        """In a forked child: the records and the connection are the parent's."""
        connection = self._connection
        sock = getattr(connection, "sock", None)
        if sock is not None:
            # Only this process's descriptor: no TLS goodbye in the parent's name.
            with contextlib.suppress(OSError):
                socket.socket.close(sock)

    def _start(self):
        with self._lock:
            if self._thread is not None:
                return
            thread = threading.Thread(target=self._run, name="annalist_report", daemon=True)
            self._thread = thread
            try:
                thread.start()
            except RuntimeError as error:  # no more threads, or the interpreter is ending: the queue fills, and then it counts
                self._fail(error)
        _at_exit()

    def _run(self):
        while True:
            try:
                self._turn()
            except Exception as error:  # a thread that died would lose everything in silence
                self._fail(error)
                time.sleep(_backoff_seconds[0])

    def _turn(self):
        polling = self._poll()
        if not self._backlog and not self._flushes:
            with contextlib.suppress(queue.Empty):
                due = self.due()
                if self._queue.empty():
                    self._take(self._queue.get(timeout=_poll_seconds if polling else due))
        elif not self._flushes:
            pause = self._not_before - time.monotonic()
            if pause > 0:
                time.sleep(min(pause, _poll_seconds if polling else 0.05))
        self._take_all()
        if self._flushes:
            self._poll()
            self._take_all()
            self._flush()
        elif self._backlog and time.monotonic() >= self._not_before:
            self._post()

    def _poll(self):
        return any([poll() for poll in self.polls])

    def _take(self, record):
        if record is None:
            return
        if isinstance(record, _Flush):
            self._flushes.append(record)
        else:
            self._backlog.append(record)

    def _take_all(self):
        with contextlib.suppress(queue.Empty):
            while True:
                self._take(self._queue.get_nowait())
        while len(self._backlog) > self.limit:
            self._backlog.popleft()
            self._overaged += 1

    def _flush(self):
        """One try: where nobody answers, the end of a job is not put off."""
        while self._backlog and self._post():
            pass
        for flush in self._flushes:
            flush.done.set()
        self._flushes.clear()

    def _post(self):
        batch = list(itertools.islice(self._backlog, _records_a_post))
        dropped = self.dropped
        extra = {"dropped": dropped} if dropped > self._told_dropped else None
        body = "\n".join([_line(*record) for record in batch[:-1]] + [_line(*batch[-1], more=extra)]).encode()
        self._not_before = time.monotonic() + _spacing_seconds[len(batch) > _few_records]
        try:
            status, answer = self._exchange(body)
        except (OSError, http.client.HTTPException, ValueError) as error:  # ValueError: the URL is none
            return self._retreat(error)
        if status >= 500 or status in (408, 429):
            return self._retreat(f"HTTP {status}: {answer[:200]!r}")
        for _ in batch:
            self._backlog.popleft()
        self._backoff = 0.0
        self.posts += 1
        self._told_dropped = dropped
        accepted = _accepted(status, answer, len(batch))
        self.delivered += accepted
        if accepted < len(batch):
            self.refused += len(batch) - accepted
            self._fail(f"HTTP {status}: {answer[:200].decode('utf-8', 'replace')}")
        return True

    def _retreat(self, why):
        self._fail(why)
        least, most = _backoff_seconds
        self._backoff = min(most, max(least, self._backoff * 2))
        self._not_before = time.monotonic() + self._backoff
        return False

    def _fail(self, why):
        self.failures += 1
        self.last_failure = why if isinstance(why, str) else f"{type(why).__name__}: {why}"

    def _exchange(self, body):
        reused = self._connection is not None
        try:
            return self._ask(body)
        except (OSError, http.client.HTTPException) as error:
            self._disconnect()
            # A connection that was kept may have been closed meanwhile; that is no failure of the agent.
            if not reused or isinstance(error, socket.timeout):
                raise
        try:
            return self._ask(body)
        except (OSError, http.client.HTTPException):
            self._disconnect()
            raise

    def _ask(self, body):
        parts = urllib.parse.urlsplit(self.url)
        if self._connection is None:
            self._connection = _connect(parts)
            self.connections += 1
        connection = self._connection
        path = (parts.path.rstrip("/") or "/log_ccl") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, {"Content-Type": "application/x-ndjson", **_authorization()})
        response = connection.getresponse()
        answer = response.read(_answer_bytes)
        if response.will_close or not response.isclosed():
            self._disconnect()
        return response.status, answer

    def _disconnect(self):
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


def _connect(parts):
    host, timeout = parts.hostname or "127.0.0.1", _post_timeout_seconds
    if parts.scheme == "https":
        return http.client.HTTPSConnection(host, parts.port, timeout=timeout, context=ssl.create_default_context())
    return http.client.HTTPConnection(host, parts.port, timeout=timeout)


@functools.lru_cache(maxsize=1)
def _authorization():
    path = os.environ.get("ANNALIST_REPORT_TOKEN_FILE")
    if not path:
        return {}
    with open(path, encoding="utf-8") as file:
        return {"Authorization": "Bearer " + file.read().strip()}


def _accepted(status, answer, sent):
    if status >= 300:
        return 0
    try:
        accepted = json.loads(answer)["accepted"]
        return accepted if isinstance(accepted, int) else sent
    except (ValueError, KeyError, TypeError):
        return sent


_json = json.JSONEncoder(separators=(",", ":")).encode


def _line(prefix, seq, start, end, finished, more_of_its_own=None, more=None):
    flag = "true" if finished else "false"
    tail = "" if more_of_its_own is None and more is None else "," + _json({**(more_of_its_own or {}), **(more or {})})[1:-1]
    return f'{prefix},"seq":{seq},"startTime":{start},"endTime":{end},"finished":{flag}{tail}}}'


# ---- Records -------------------------------------------------------------------------------------------------------------------

_open = {}


def _due():
    """Tells the starts again of what has gone on for long."""
    now = time.monotonic()
    soonest = None
    for operation in list(_open.values()):
        if operation.repeat_at is None:
            operation.repeat_after = _repeat_seconds[0]
            operation.repeat_at = now + operation.repeat_after
        elif operation.repeat_at <= now:
            operation.repeat_after = min(_repeat_seconds[1], operation.repeat_after * 2)
            operation.repeat_at = now + operation.repeat_after
            _sender.put((operation.prefix, operation.seq, operation.start, 0, False))
        wait = operation.repeat_at - now
        soonest = wait if soonest is None else min(soonest, wait)
    return soonest


def _new_sender(url, limit):
    sender = _Sender(url, limit)
    sender.due = _due
    return sender


_sender = _new_sender(_url, _queue_limit)
_pid = os.getpid()
_sequence = itertools.count(1)
_prefixes = {}
_files = {}
_last_start = 0
_start_lock = threading.RLock()
_faults = 0
_first_fault = None
_agreed_run_id = None
_inside = threading.local()
_own_files = {__file__, contextlib.__file__}
_skipped_folders = []


class _Operation:
    """One operation of this rank, from its start record to its finish record."""

    __slots__ = ("prefix", "seq", "start", "over", "repeat_at", "repeat_after")

    def __init__(self, prefix):
        global _last_start
        self.prefix = prefix
        self.over = False
        self.repeat_at = None
        with _start_lock:
            # A start and its finish are told by their start time: no two operations of a process may share one.
            start = clock()
            _last_start = self.start = start if start > _last_start or start < _last_start - 1000 else _last_start + 1
            self.seq = next(_sequence)
        if len(_open) >= _pending_limit:
            _open.pop(next(iter(_open)), None)
        _open[self.seq] = self
        _sender.put((prefix, self.seq, self.start, 0, False))

    def finish(self, more=None):
        if not self.over:
            self.over = True
            _open.pop(self.seq, None)
            _sender.put((self.prefix, self.seq, self.start, max(clock(), self.start), True, more))

    def fail(self, error):
        """It raised: nobody may take that for a finish, so the start is told again, with the reason."""
        if not self.over:
            self.over = True
            _open.pop(self.seq, None)
            text = f"{type(error).__name__}: {error}"[:500]
            _sender.put((self.prefix, self.seq, self.start, 0, False, {"error": text}))


def _fault(error):
    """A mistake of the reporter's own: counted, told at the end, never the job's business."""
    global _faults, _first_fault
    _faults += 1
    if _first_fault is None:
        _first_fault = f"{type(error).__name__}: {error}"


def _prefix(key, fields):
    found = _prefixes.get(key)
    if found is None:
        if len(_prefixes) >= _cache_limit:
            _prefixes.clear()
        shared = {"run_id": _run_id(), "host": socket.gethostname(), "pid": _pid}
        known = {name: value for name, value in {**fields, **shared}.items() if value is not None}
        found = _prefixes[key] = _json(known)[:-1]
    return found


def _run_id():
    """What all ranks of one run have in common and no other run has."""
    env = os.environ.get
    if env("ANNALIST_RUN_ID"):
        return env("ANNALIST_RUN_ID")
    elastic = env("TORCHELASTIC_RUN_ID")
    if elastic not in (None, "", "none"):
        return _restarted(elastic)
    if _agreed_run_id is not None:
        return _agreed_run_id
    if env("SLURM_JOB_ID"):
        return f"slurm-{env('SLURM_JOB_ID')}.{env('SLURM_STEP_ID', '0')}"
    return env("PMIX_NAMESPACE") or env("OMPI_MCA_ess_base_jobid")


def _restarted(name):
    restarts = os.environ.get("TORCHELASTIC_RESTART_COUNT", "0")
    return name if restarts == "0" else f"{name}.{restarts}"


def _caller():
    """file:line of the code that called, leaving out this file and torch's own."""
    frame = sys._getframe(1)
    nearest = None
    for _ in range(64):
        if frame is None:
            break
        path = frame.f_code.co_filename
        if path not in _own_files:
            nearest = nearest or frame
            if not any(path.startswith(folder) for folder in _skipped_folders):
                nearest = frame
                break
        frame = frame.f_back
    if nearest is None:
        return ""
    path, line = nearest.f_code.co_filename, nearest.f_lineno
    known = _files.get((path, line))
    if known is None:
        if len(_files) >= _cache_limit:
            _files.clear()
        known = _files[(path, line)] = f"{_short(path)}:{line}"
    return known


def _short(path):
    """As one would say it: relative to where the program began, else its last two parts."""
    with contextlib.suppress(ValueError, OSError):
        relative = os.path.relpath(path)
        if not relative.startswith(os.pardir):
            return relative
    return os.sep.join(path.split(os.sep)[-2:]) if path.count(os.sep) > 1 else path


def counts():
    """What became of the records of this process."""
    return {
        "recorded": int(repr(_sender.recorded)[6:-1]),
        "delivered": _sender.delivered,
        "dropped": _sender.dropped,
        "refused": _sender.refused,
        "waiting": _sender.waiting,
        "posts": _sender.posts,
        "connections": _sender.connections,
        "failures": _sender.failures,
        "last_failure": _sender.last_failure,
        "faults": _faults,
        "first_fault": _first_fault,
    }


def flush(seconds=1.0):
    """Waits until the records so far are sent, `seconds` at most; True if none is left."""
    return _sender.flush(seconds)


# ---- The end of the process, and forks -----------------------------------------------------------------------------------------

_exit_hooked = False


def _at_exit():
    """Hooked with the first record, so that it also holds for children of multiprocessing, which do not run atexit."""
    global _exit_hooked
    if _exit_hooked:
        return
    _exit_hooked = True
    with contextlib.suppress(Exception):
        atexit.register(_finish, os.getpid())
        util = sys.modules.get("multiprocessing.util")
        if util is not None and os.getpid() != _imported_in:
            util.Finalize(None, _finish, args=(os.getpid(),), exitpriority=-100)


_imported_in = os.getpid()
_finished_pid = None


def _finish(pid):
    global _finished_pid
    if pid != os.getpid() or _finished_pid == pid:
        return
    _finished_pid = pid
    with contextlib.suppress(Exception):
        _sender.flush(_sender.exit_seconds)
        found = counts()
        lost = found["recorded"] - found["delivered"]
        if lost > 0:
            why = f" ({found['last_failure']})" if found["last_failure"] else ""
            sys.stderr.write(f"annalist_report: {lost} of {found['recorded']} records did not reach {_sender.url}{why}\n")
        if _faults:
            sys.stderr.write(f"annalist_report: {_faults} operations could not be recorded ({_first_fault})\n")


def _after_fork():
    """The child has no sending thread, and the parent's locks may be held for ever."""
    global _sender, _pid, _sequence, _start_lock, _inside, _exit_hooked, _faults, _first_fault
    parent = _sender
    parent.abandon()
    _sender = _new_sender(parent.url, parent.limit)
    _sender.exit_seconds = parent.exit_seconds
    _pid = os.getpid()
    _sequence = itertools.count(1)
    _start_lock = threading.RLock()
    _inside = threading.local()
    _exit_hooked = False
    _faults, _first_fault = 0, None
    _prefixes.clear()
    _open.clear()
    _pending.after_fork()


# ---- For programs of any kind --------------------------------------------------------------------------------------------------


class _Span(contextlib.ContextDecorator):
    """A context manager, a decorator, or `start()` and `finish()` by hand."""

    def __init__(self, fields):
        self._fields = fields
        self._operation = None

    def start(self):
        if _on:
            try:
                fields = self._fields
                if fields["filename"] is None:
                    fields = {**fields, "filename": _caller()}
                self._operation = _Operation(_prefix(tuple(fields.items()), fields))
            except Exception as error:
                _fault(error)
        return self

    def finish(self):
        operation, self._operation = self._operation, None
        if operation is not None:
            operation.finish()

    def __enter__(self):
        return self.start()

    def __exit__(self, kind, error, trace):
        operation, self._operation = self._operation, None
        if operation is None:
            return
        if error is None:
            operation.finish()
        else:
            operation.fail(error)

    def _recreate_cm(self):
        return _Span(self._fields)


def collective(op, *, rank, size, count=None, dtype=None, root=-1, algorithm=None, comm=None, filename=None):
    """An operation that all ranks of a communicator enter. `comm` names the communicator where a program has several."""
    return _span(
        lambda: {
            "opType": str(op),
            "algorithm": None if algorithm is None else str(algorithm),
            "dataType": None if dtype is None else str(dtype),
            "count": None if count is None else int(count),
            "rootRank": int(root),
            **_place(rank, size, comm, filename),
        }
    )


def transfer(op, *, rank, size, peer, bytes=None, comm=None, filename=None):
    """One side of a point-to-point operation: `op` is send, recv, isend or irecv, `peer` the other side's rank."""
    return _span(
        lambda: {
            "opType": str(op),
            "remoteRank": int(peer),
            "bytes": None if bytes is None else int(bytes),
            **_place(rank, size, comm, filename),
        }
    )


def _place(rank, size, comm, filename):
    return {
        "context_rank": int(rank),
        "context_size": int(size),
        "comm_id": None if comm is None else str(comm),
        "filename": None if filename is None else str(filename),
    }


def _span(fields):
    try:
        return _Span(fields())
    except Exception as error:
        _fault(error)
        return _Nothing()


class _Nothing:
    """Stands in for an operation that cannot be recorded."""

    def start(self):
        return self

    def finish(self):
        pass

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        pass

    def __call__(self, function):
        return function


# ---- torch.distributed: operations that go on ----------------------------------------------------------------------------------


class _Pending:
    """Operations whose end somebody has to see: works that were handed out, and what a GPU has yet to do."""

    def __init__(self):
        self.after_fork()

    def after_fork(self):
        self._works = {}
        self._events = collections.deque()
        self._captures = 0
        # Held while a GPU is asked: asking during the capture of a graph would spoil the capture.
        self._gpu = threading.RLock()

    def add(self, work, operations, on_gpu, hold):
        """`hold`: a work that its owner drops is kept until it is done. Transfers are not, so that their tensors are freed as before."""
        if len(self._works) >= _pending_limit:
            self._works.pop(next(iter(self._works)), None)
        seen = (lambda: work) if hold else weakref.ref(work)
        self._works[id(work)] = (seen, operations, on_gpu)
        self._look()

    def add_event(self, event, operation):
        if len(self._events) < _pending_limit:
            self._events.append((event, operation))
        self._look()

    def waited(self, work, error):
        if not self._works:
            return
        entry = self._works.get(id(work))
        if entry is None or entry[0]() is not work:
            return
        _, operations, on_gpu = entry
        if error is None and on_gpu:
            return  # waiting only ordered the streams; the poll sees the end
        self._works.pop(id(work), None)
        for operation in operations:
            operation.finish() if error is None else operation.fail(error)

    def poll(self):
        for key, (seen, operations, on_gpu) in list(self._works.items()):
            work = seen()
            if work is None:
                self._works.pop(key, None)
            elif self._is_done(work.is_completed, on_gpu):
                self._works.pop(key, None)
                error = None if on_gpu else _error_of(work)
                for operation in operations:
                    operation.finish() if error is None else operation.fail(error)
            del work
        while self._events and self._is_done(self._events[0][0].query, True):
            self._events.popleft()[1].finish()
        return bool(self._works or self._events)

    def _is_done(self, ask, on_gpu):
        try:
            if not on_gpu:
                return ask()
            with self._gpu:
                return self._captures == 0 and ask()
        except Exception as error:
            _fault(error)
            return True

    def capture(self, step):
        with self._gpu:
            self._captures = max(0, self._captures + step)

    def _look(self):
        if self.poll not in _sender.polls:
            _sender.polls.append(self.poll)
        _sender.wake()


def _error_of(work):
    """Of a work that is done. Its own is_success() and exception() print a warning in some versions of torch."""
    try:
        future = work.get_future()
    except Exception:
        return None  # transfers over gloo have none
    try:
        if future.done():
            future.value()
    except Exception as error:
        return error
    return None


_pending = _Pending()


# ---- torch.distributed: what is wrapped ----------------------------------------------------------------------------------------


def _numel(tensors):
    return sum(tensor.numel() for tensor in tensors)


def _even(tensors):
    return len({tensor.numel() for tensor in tensors}) <= 1


def _of_tensor(op, name, root=None):
    def describe(get):
        tensor = get(name)
        return op, tensor, tensor.numel(), root

    return describe


def _of_tensors(op, name):
    def describe(get):
        tensors = get(name)
        return op, tensors[0], _numel(tensors), None

    return describe


def _alltoall_single(get):
    tensor = get("input")
    if get("input_split_sizes") or get("output_split_sizes"):
        return "alltoallv", tensor, tensor.numel(), None
    return "alltoall", tensor, tensor.numel() // max(1, _group_of(get("group")).size), None


def _alltoall(get):
    tensors = get("input_tensor_list")
    if _even(tensors) and _even(get("output_tensor_list")):
        return "alltoall", tensors[0], tensors[0].numel(), None
    return "alltoallv", tensors[0], _numel(tensors), None


#: What an operation moves: its name, a tensor that tells type and device, the elements that each rank puts in (or, of what comes apart,
#: gets), and the argument that holds its root.
_collectives = {
    "all_reduce": _of_tensor("allreduce", "tensor"),
    "all_reduce_coalesced": _of_tensors("allreduce", "tensors"),
    "all_gather": _of_tensor("allgather", "tensor"),
    "all_gather_into_tensor": _of_tensor("allgather", "input_tensor"),
    "_all_gather_base": _of_tensor("allgather", "input_tensor"),
    "all_gather_coalesced": _of_tensors("allgather", "input_tensor_list"),
    "reduce_scatter": _of_tensor("reduce_scatter", "output"),
    "reduce_scatter_tensor": _of_tensor("reduce_scatter", "output"),
    "_reduce_scatter_base": _of_tensor("reduce_scatter", "output"),
    "broadcast": _of_tensor("broadcast", "tensor", "src"),
    "reduce": _of_tensor("reduce", "tensor", "dst"),
    "gather": _of_tensor("gather", "tensor", "dst"),
    "scatter": _of_tensor("scatter", "tensor", "src"),
    "all_to_all": _alltoall,
    "all_to_all_single": _alltoall_single,
    "barrier": lambda get: ("barrier", None, 0, None),
    "monitored_barrier": lambda get: ("barrier", None, 0, None),
}
_transfers = {"send": "dst", "recv": "src", "isend": "dst", "irecv": "src"}

_torch = None
_dist = None
_groups = {}


class _Group:
    """A process group as this rank sees it."""

    __slots__ = ("pg", "rank", "size", "comm", "backend", "is_world")

    def __init__(self, pg, world):
        self.pg = weakref.ref(pg)
        self.rank = _dist.get_rank(pg)
        self.size = _dist.get_world_size(pg)
        self.is_world = pg is world
        self.backend = str(_dist.get_backend(pg))
        self.comm = "world" if self.is_world else _name_of(pg)


def _group_of(group):
    """None for a group that this rank is no member of."""
    if _dist._rank_not_in_group(group):
        return None
    world = _dist._get_default_group()
    pg = world if group is None or group is _dist.GroupMember.WORLD else group
    known = _groups.get(id(pg))
    if known is None or known.pg() is not pg:
        if len(_groups) >= _cache_limit:
            _groups.clear()
        known = _groups[id(pg)] = _Group(pg, world)
    return known


def _name_of(pg):
    """The ranks, as one would write them, and torch's own number of the group, which every rank counts alike."""
    ranks = sorted(_ranks_of(pg))
    runs = []
    for rank in ranks:
        if runs and runs[-1][1] == rank - 1:
            runs[-1][1] = rank
        else:
            runs.append([rank, rank])
    text = ",".join(str(first) if first == last else f"{first}-{last}" for first, last in runs)
    if len(text) > 120:
        text = f"{text[:100]}…{len(ranks)}"
    names = getattr(_dist, "_pg_names", None) or getattr(getattr(_dist, "_world", None), "pg_names", {})
    name = names.get(pg) or getattr(pg, "group_name", "")
    return f"{text}:{name}"[:200]


def _group_rank(group, get, of_world, of_group):
    """A root or a peer, as the group counts."""
    own = get(of_group)
    if own is not None:
        return int(own)
    rank = get(of_world)
    if rank is None:
        return -1
    return int(rank) if group.is_world else _ranks_of(group.pg()).index(int(rank))


def _ranks_of(pg):
    """The members' ranks in the world, in the group's own order."""
    if hasattr(_dist, "get_process_group_ranks"):
        return list(_dist.get_process_group_ranks(pg))
    return list(_dist._pg_group_ranks[pg])  # torch before 1.13


def _begin_collective(describe, get):
    group = _group_of(get("group"))
    if group is None:
        return None, False
    op, tensor, count, root = describe(get)
    on_gpu = _is_on_gpu(tensor)
    if on_gpu and _torch.cuda.is_current_stream_capturing():
        return None, False  # it is written into a graph, not done
    root_rank = -1 if root is None else _group_rank(group, get, root, f"group_{root}")
    dtype = None if tensor is None else tensor.dtype
    file = _caller()
    key = (op, dtype, count, root_rank, group.comm, group.rank, group.size, file)
    prefix = _prefixes.get(key)
    if prefix is None:
        prefix = _prefix(
            key,
            {
                "opType": op,
                "algorithm": group.backend,
                "dataType": None if dtype is None else str(dtype).replace("torch.", ""),
                "count": count,
                "rootRank": root_rank,
                "context_rank": group.rank,
                "context_size": group.size,
                "comm_id": group.comm,
                "filename": file,
            },
        )
    return _Operation(prefix), on_gpu


def _begin_transfer(op, group, tensor, peer):
    on_gpu = _is_on_gpu(tensor)
    if on_gpu and _torch.cuda.is_current_stream_capturing():
        return None, False
    size = tensor.numel() * tensor.element_size()
    file = _caller()
    key = (op, size, peer, group.comm, group.rank, group.size, file)
    prefix = _prefixes.get(key)
    if prefix is None:
        prefix = _prefix(
            key,
            {
                "opType": op,
                "remoteRank": peer,
                "bytes": size,
                "context_rank": group.rank,
                "context_size": group.size,
                "comm_id": group.comm,
                "filename": file,
            },
        )
    return _Operation(prefix), on_gpu


def _is_on_gpu(tensor):
    return tensor is not None and tensor.is_cuda


def _end(operation, result, on_gpu, hold):
    """After the call: done, or handed out as a work, or queued on a GPU."""
    if hasattr(result, "is_completed"):
        _pending.add(result, (operation,), on_gpu, hold)
    elif on_gpu:
        event = _torch.cuda.Event()
        event.record()
        _pending.add_event(event, operation)
    else:
        operation.finish()


def _wrap(original, begin, hold):
    """`begin` gets a function that answers an argument by name. Whatever goes wrong in here is not the job's business."""
    places = {name: (index, each.default) for index, (name, each) in enumerate(inspect.signature(original).parameters.items())}

    @functools.wraps(original)
    def wrapper(*args, **kwargs):
        if not _on or getattr(_inside, "call", False):
            return original(*args, **kwargs)

        def get(name):
            if name in kwargs:
                return kwargs[name]
            index, default = places.get(name, (len(args), None))
            return args[index] if index < len(args) else default

        operation, on_gpu = None, False
        try:
            operation, on_gpu = begin(get)
        except Exception as error:
            _fault(error)
        _inside.call = True
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            if operation is not None:
                operation.fail(error)
            raise
        finally:
            _inside.call = False
        if operation is not None:
            try:
                _end(operation, result, on_gpu, hold)
            except Exception as error:
                _fault(error)
        return result

    wrapper._annalist = True
    return wrapper


def _wrap_batch(original):
    def begin(entry):
        group = _group_of(getattr(entry, "group", None))
        if group is None:
            return None, False
        own = getattr(entry, "group_peer", None)
        peer = own if own is not None else _group_rank(group, lambda name: entry.peer if name == "peer" else None, "peer", "")
        return _begin_transfer(entry.op.__name__, group, entry.tensor, int(peer))

    @functools.wraps(original)
    def wrapper(p2p_op_list, *args, **kwargs):
        if not _on or getattr(_inside, "call", False):
            return original(p2p_op_list, *args, **kwargs)
        begun = []
        try:
            begun = [begin(entry) for entry in p2p_op_list]
        except Exception as error:
            _fault(error)
        operations = [operation for operation, _ in begun if operation is not None]
        _inside.call = True
        try:
            works = original(p2p_op_list, *args, **kwargs)
        except BaseException as error:
            for operation in operations:
                operation.fail(error)
            raise
        finally:
            _inside.call = False
        try:
            on_gpu = any(gpu for _, gpu in begun)
            if len(works) == len(operations):
                for work, operation in zip(works, operations):
                    _end(operation, work, on_gpu, False)
            elif works:  # the backend made one work of them all
                _pending.add(works[-1], tuple(operations), on_gpu, False)
        except Exception as error:
            _fault(error)
        return works

    wrapper._annalist = True
    return wrapper


def _wrap_work(work_class):
    original = work_class.wait
    if getattr(original, "_annalist", False):
        return

    def wait(self, *args, **kwargs):
        try:
            result = original(self, *args, **kwargs)
        except BaseException as error:
            _pending.waited(self, error)
            raise
        _pending.waited(self, None)
        return result

    wait._annalist = True
    wait.__doc__ = getattr(original, "__doc__", None)
    work_class.wait = wait


def _wrap_check(original, replaced):
    """torch allows only its own isend and irecv in a batch: a program may have taken them before they were wrapped."""

    @functools.wraps(original)
    def check(op):
        return None if op in replaced else original(op)

    return check


def _wrap_init(original):
    @functools.wraps(original)
    def init_process_group(*args, **kwargs):
        result = original(*args, **kwargs)
        _agree()
        return result

    init_process_group._annalist = True
    return init_process_group


def _agree():
    """All ranks take the run id that the first of them left in the store that they met at: the one thing they surely share."""
    global _agreed_run_id
    if not _on:
        return
    try:
        env = os.environ.get
        began = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
        mine = f"{env('MASTER_ADDR', socket.gethostname())}:{env('MASTER_PORT', _pid)} {began}"
        if env("ANNALIST_RUN_ID") or env("TORCHELASTIC_RUN_ID") not in (None, "", "none"):
            return
        store = _dist._get_default_store()
        held = store.compare_set(_restarted("annalist/run_id"), "", mine)
        _agreed_run_id = held.decode() if isinstance(held, bytes) else str(held)
    except Exception as error:
        _fault(error)
        if os.environ.get("MASTER_ADDR"):
            _agreed_run_id = f"{os.environ['MASTER_ADDR']}:{os.environ.get('MASTER_PORT', '')}"
    _prefixes.clear()


def _begin_of_transfer(op, peer_name):
    def begin(get):
        group = _group_of(get("group"))
        if group is None:
            return None, False
        return _begin_transfer(op, group, get("tensor"), _group_rank(group, get, peer_name, f"group_{peer_name}"))

    return begin


def _wrap_torch(dist):
    """Wraps the functions of torch.distributed.distributed_c10d, and the names under which torch.distributed shows them."""
    global _torch, _dist
    if getattr(dist, "_annalist", False) or not hasattr(dist, "all_reduce"):
        return
    _torch, _dist = sys.modules["torch"], dist
    dist._annalist = True
    _skipped_folders.append(os.path.dirname(_torch.__file__) + os.sep)
    wrapped = {}
    for name, describe in _collectives.items():
        if hasattr(dist, name):
            wrapped[name] = _wrap(getattr(dist, name), functools.partial(_begin_collective, describe), True)
    for name, peer in _transfers.items():
        wrapped[name] = _wrap(getattr(dist, name), _begin_of_transfer(name, peer), False)
    wrapped["batch_isend_irecv"] = _wrap_batch(dist.batch_isend_irecv)
    wrapped["init_process_group"] = _wrap_init(dist.init_process_group)
    if hasattr(dist, "_check_op"):
        wrapped["_check_op"] = _wrap_check(dist._check_op, (dist.isend, dist.irecv))
    shown = sys.modules.get("torch.distributed")
    for name, wrapper in wrapped.items():
        original = getattr(dist, name)
        setattr(dist, name, wrapper)
        if getattr(shown, name, None) is original:
            setattr(shown, name, wrapper)
    _wrap_work(dist.Work)
    _wrap_graphs()
    if dist.is_initialized():
        _agree()


def _wrap_graphs():
    cuda = getattr(_torch, "cuda", None)
    graph = getattr(cuda, "CUDAGraph", None)
    begin, end = getattr(graph, "capture_begin", None), getattr(graph, "capture_end", None)
    if begin is None or end is None or getattr(begin, "_annalist", False):
        return

    def capture_begin(self, *args, **kwargs):
        _pending.capture(1)
        try:
            return begin(self, *args, **kwargs)
        except BaseException:
            _pending.capture(-1)
            raise

    def capture_end(self, *args, **kwargs):
        try:
            return end(self, *args, **kwargs)
        finally:
            _pending.capture(-1)

    capture_begin._annalist = True
    graph.capture_begin, graph.capture_end = capture_begin, capture_end


# ---- DistributedDataParallel reduces gradients in C++, past everything that is wrapped above -----------------------------------


def watch(model):
    """Reports the gradient reductions of a DistributedDataParallel, by a communication hook that does what it does without one."""
    model.register_comm_hook(model.process_group, _reduce_gradients)
    return model


def _reduce_gradients(group, bucket):
    dist = sys.modules["torch.distributed"]
    gradients = bucket.buffer().div_(dist.get_world_size(group))
    work = dist.all_reduce(gradients, group=group, async_op=True)

    def finish(done):
        reduced = done.value()[0]
        _pending.waited(work, None)
        return reduced

    return work.get_future().then(finish)


def _wrap_ddp(module):
    model_class = module.DistributedDataParallel
    original = model_class.__init__
    if getattr(original, "_annalist", False):
        return

    @functools.wraps(original)
    def __init__(self, *args, **kwargs):
        original(self, *args, **kwargs)
        try:
            watch(self)
        except Exception as error:
            _fault(error)

    __init__._annalist = True
    model_class.__init__ = __init__


# ---- Installing ----------------------------------------------------------------------------------------------------------------

_watched_modules = {"torch.distributed.distributed_c10d": _wrap_torch}
if os.environ.get("ANNALIST_REPORT_DDP", "off").lower() not in _OFF:
    _watched_modules["torch.nn.parallel.distributed"] = _wrap_ddp


class _Finder:
    """Waits for the modules that are to be wrapped, so that torch is neither imported early nor needed at all."""

    _searching = False

    @classmethod
    def find_spec(cls, name, path=None, target=None):
        then = _watched_modules.get(name)
        if then is None or cls._searching:
            return None
        cls._searching = True
        try:
            spec = importlib.util.find_spec(name)
        finally:
            cls._searching = False
        if spec is not None and spec.loader is not None:
            spec.loader = _Loader(spec.loader, then)
        return spec


class _Loader:
    def __init__(self, loader, then):
        self._loader = loader
        self._then = then

    def __getattr__(self, name):
        return getattr(self._loader, name)

    def create_module(self, spec):
        return self._loader.create_module(spec)

    def exec_module(self, module):
        module.__spec__.loader = module.__loader__ = self._loader
        self._loader.exec_module(module)
        _guarded(self._then, module)


def _guarded(wrap, module):
    try:
        wrap(module)
    except Exception as error:
        _fault(error)
        sys.stderr.write(f"annalist_report: {module.__name__} could not be wrapped, so it is not reported ({error!r})\n")


def install():
    """Wraps what is there and waits for what is not. The import of this module does it; doing it again changes nothing."""
    if not _on or _Finder in sys.meta_path:
        return
    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=_after_fork)
    for name, wrap in _watched_modules.items():
        if name in sys.modules:
            _guarded(wrap, sys.modules[name])
    sys.meta_path.insert(0, _Finder)


_usage = "usage: python -m annalist_report (SCRIPT | -m MODULE) [ARGUMENT ...]"


def _main(arguments):
    if not arguments or arguments[0] in ("-h", "--help"):
        print(_usage)
        return 0 if arguments else 2
    if arguments[0] == "-m":
        if len(arguments) < 2:
            print(_usage, file=sys.stderr)
            return 2
        sys.argv = arguments[1:]
        sys.path[0] = os.getcwd()
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return 0
    sys.argv = arguments
    sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    # The script's own `import annalist_report` has to find the one that wraps.
    import annalist_report

    sys.exit(annalist_report._main(sys.argv[1:]))

install()
