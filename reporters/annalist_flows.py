"""Flows of Annalist in Python: write routines, define flows, start jobs, watch and debug them.

One file, no dependencies, Python 3.8 or later. Two uses:

1. Routines. Put a file with classes that derive from Routine into a folder that the agent knows
   (ANNALIST_ROUTINES, by default ./routines). The agent runs it in a process of its own:

       from annalist_flows import Routine

       class Ingest(Routine):
           repeatable = True                      # may be run again if the agent ends in the middle

           def __init__(self):
               super().__init__()
               self.add_slot("trigger", handler=self.process)
               self.add_event("data_ingested")

           def process(self, data, **kwargs):
               self.emit("data_ingested", data=data)
               return {"data": data}

   In a flow its class is FILE.Ingest, for a file FILE.py.

2. Flows and jobs, over HTTP (ANNALIST_URL, by default http://127.0.0.1:8765):

       from annalist_flows import Flow, MonitoringRegistry
       from pipeline import Ingest, Process

       MonitoringRegistry.enable()
       flow = Flow("my_flow")
       flow.add_routine(Ingest(), "ingest")
       flow.add_routine(Process(), "process")
       flow.connect("ingest", "data_ingested", "process", "data_ingested")
       job = flow.execute("ingest", entry_params={"data": [1, 2, 3]})
       print(MonitoringRegistry.get_instance().monitor_collector.get_metrics(job.job_id))
"""

import importlib.util
import inspect
import json
import os
import sys
import time
import traceback
import urllib.error
import urllib.parse
import urllib.request

__all__ = ["AnnalistError", "Flow", "JobState", "MonitoringRegistry", "Routine", "get_event_manager", "job_store"]


# Routines ---------------------------------------------------------------------------------------


class Shared(dict):
    """Data of the whole job. What a call sets is written when the call ends."""

    def __init__(self, values):
        super().__init__(values)
        self.changed = {}

    def __setitem__(self, name, value):
        super().__setitem__(name, value)
        self.changed[name] = value

    def update(self, *args, **kwargs):
        for name, value in dict(*args, **kwargs).items():
            self[name] = value

    def setdefault(self, name, default=None):
        if name not in self:
            self[name] = default
        return self[name]


class Routine:
    """Input slots with handlers, output events. A subclass says both in its __init__."""

    repeatable = False

    def __init__(self):
        self._slots = {}
        self._events = []
        self._config = {}
        self._call = None
        self.shared = Shared({})

    def add_slot(self, name, handler=None, merge_strategy="override"):
        self._slots[name] = {"handler": handler or getattr(self, "process", None), "merge": merge_strategy}

    def add_event(self, name, output_params=None):
        if name not in self._events:
            self._events.append(name)

    define_slot = add_slot
    define_event = add_event

    def set_config(self, **config):
        self._config.update(config)

    def get_config(self, name, default=None):
        return self._config.get(name, default)

    @property
    def config(self):
        return self._config

    def emit(self, event, **data):
        if self._call is None:
            raise RuntimeError("emit() outside a call")
        self._call.say({"type": "emit", "event": event, "data": data})

    def log(self, text, level="info"):
        if self._call is not None:
            self._call.say({"type": "log", "level": level, "text": str(text)})

    def class_name(self):
        return "%s.%s" % (_stem_of(type(self)), type(self).__name__)


def _stem_of(cls):
    file = sys.modules[cls.__module__].__file__ if cls.__module__ in sys.modules else inspect.getfile(cls)
    return os.path.splitext(os.path.basename(file))[0]


# The program that the agent starts ----------------------------------------------------------------


def _load(file):
    sys.modules.setdefault("annalist_flows", sys.modules[__name__])
    directory = os.path.dirname(os.path.abspath(file))
    if directory not in sys.path:
        sys.path.insert(0, directory)
    stem = os.path.splitext(os.path.basename(file))[0]
    spec = importlib.util.spec_from_file_location(stem, file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[stem] = module
    spec.loader.exec_module(module)
    base = sys.modules["annalist_flows"].Routine
    return {
        "%s.%s" % (stem, name): cls
        for name, cls in vars(module).items()
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base and cls.__module__ == stem
    }


def _line_of(handler):
    code = getattr(inspect.unwrap(handler), "__code__", None) if handler else None
    return code.co_firstlineno if code else None


def _describe(file):
    classes = []
    for name, cls in _load(file).items():
        routine = cls()
        classes.append(
            {
                "name": name,
                "slots": {
                    slot: {"merge": made["merge"], "line": _line_of(made["handler"])}
                    for slot, made in routine._slots.items()
                },
                # A routine that names no event may emit any: many are written that way.
                "events": routine._events or ["*"],
                "repeatable": bool(cls.repeatable),
            }
        )
    return {"classes": classes}


class _Call:
    def __init__(self, out, key):
        self.out = out
        self.key = key

    def say(self, words):
        self.out.write(json.dumps({**words, "key": self.key}, allow_nan=False) + "\n")
        self.out.flush()


def _error_of(error, file):
    line = None
    for frame in traceback.extract_tb(error.__traceback__):
        if os.path.abspath(frame.filename) == os.path.abspath(file):
            line = frame.lineno
    return {"type": type(error).__name__, "message": str(error), "line": line}


def _answer(classes, routines, file, words, call):
    key = (words["class"], words["routine"])
    if key not in routines:
        routines[key] = classes[words["class"]]()
    routine = routines[key]
    routine._config = dict(words["config"])
    routine._call = call
    routine.shared = Shared(words["shared"])
    try:
        made = routine._slots[words["slot"]]
        result = made["handler"](**words["input"])
        answer = {"type": "return", "result": result}
        if routine.shared.changed:
            answer["shared"] = routine.shared.changed
        call.say(answer)
    except Exception as error:  # whatever a handler throws is its job's business
        call.say({"type": "error", "error": _error_of(error, file)})
    finally:
        routine._call = None


def _serve(file):
    # What handlers print is no part of the protocol.
    out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    classes = _load(file)
    routines = {}
    for line in sys.stdin:
        if line.strip():
            words = json.loads(line)
            _answer(classes, routines, file, words, _Call(out, words["key"]))


# Flows, jobs and monitoring, over HTTP --------------------------------------------------------------


class AnnalistError(Exception):
    """The agent turned a request down, or could not be reached."""

    def __init__(self, status, detail):
        super().__init__("%s: %s" % (status, detail) if status else detail)
        self.status = status
        self.detail = detail


def _base_url():
    return os.environ.get("ANNALIST_URL", "http://127.0.0.1:8765").rstrip("/")


def _quoted(text):
    return urllib.parse.quote(str(text), safe="")


def request(method, path, body=None, timeout=30):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Accept": "application/json"}
    if data is not None:
        headers["Content-Type"] = "application/json"
    if os.environ.get("ANNALIST_TOKEN"):
        headers["Authorization"] = "Bearer " + os.environ["ANNALIST_TOKEN"]
    asked = urllib.request.Request(_base_url() + path, data=data, method=method, headers=headers)
    try:
        with urllib.request.urlopen(asked, timeout=timeout) as answer:
            text = answer.read()
            return json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        text = error.read().decode("utf-8", "replace")
        try:
            detail = json.loads(text).get("detail", text)
        except ValueError:
            detail = text
        raise AnnalistError(error.code, detail) from None
    except urllib.error.URLError as error:
        raise AnnalistError(None, "the agent at %s does not answer: %s" % (_base_url(), error.reason)) from None


class JobState:
    """A job as the agent tells it."""

    def __init__(self, fields):
        self._fields = fields
        self.job_id = fields["job_id"]
        self.flow_id = fields["flow_id"]

    @property
    def status(self):
        return self._fields["status"]

    @property
    def error(self):
        return self._fields.get("error")

    def refresh(self):
        self._fields = request("GET", "/api/jobs/" + _quoted(self.job_id))
        return self

    def wait(self, timeout=300, interval=0.05):
        """Until it is over. A paused one is waited for: somebody debugs it."""
        end = time.monotonic() + timeout
        while self.refresh().status not in ("completed", "failed", "cancelled"):
            if time.monotonic() > end:
                raise TimeoutError("job %s is still %s" % (self.job_id, self.status))
            time.sleep(interval)
        return self


class Flow:
    def __init__(self, flow_id, execution_strategy="sequential", max_workers=None, execution_timeout=None):
        self.flow_id = flow_id
        self._routines = {}
        self._connections = []
        self._execution = {"strategy": execution_strategy}
        if max_workers is not None:
            self._execution["max_workers"] = max_workers
        if execution_timeout is not None:
            self._execution["timeout"] = execution_timeout
        self._is_defined = False

    def add_routine(self, routine, routine_id, error_handler=None):
        use = {"class": routine if isinstance(routine, str) else routine.class_name()}
        if not isinstance(routine, str) and routine._config:
            use["config"] = routine._config
        if error_handler is not None:
            use["error_handler"] = error_handler
        self._routines[routine_id] = use
        return routine_id

    def connect(self, source_routine, source_event, target_routine, target_slot, param_mapping=None):
        connection = {
            "from": "%s.%s" % (source_routine, source_event),
            "to": "%s.%s" % (target_routine, target_slot),
        }
        if param_mapping:
            connection["param_mapping"] = param_mapping
        self._connections.append(connection)

    def to_dict(self):
        return {
            "flow_id": self.flow_id,
            "routines": self._routines,
            "connections": self._connections,
            "execution": self._execution,
        }

    def define(self, replace=True):
        """Tells the agent of it; done by execute() when it has not been done."""
        if replace:
            try:
                request("DELETE", "/api/flows/" + _quoted(self.flow_id))
            except AnnalistError as error:
                if error.status != 404:
                    raise
        answer = request("POST", "/api/flows", {"flow_id": self.flow_id, "dsl_dict": self.to_dict()})
        self._is_defined = True
        return answer

    def execute(self, entry_routine_id, entry_params=None, entry_slot="trigger", wait=True, timeout=300):
        if not self._is_defined:
            self.define()
        job = JobState(
            request(
                "POST",
                "/api/jobs",
                {
                    "flow_id": self.flow_id,
                    "entry_routine_id": entry_routine_id,
                    "entry_slot": entry_slot,
                    "entry_params": entry_params or {},
                },
            )
        )
        return job.wait(timeout) if wait else job


class MonitorCollector:
    def get_metrics(self, job_id):
        return request("GET", "/api/jobs/%s/metrics" % _quoted(job_id))

    def get_execution_trace(self, job_id, limit=1000):
        return request("GET", "/api/jobs/%s/trace?limit=%d" % (_quoted(job_id), limit))["events"]

    def get_routine_metrics(self, job_id, routine_id):
        metrics = dict(self.get_metrics(job_id)["routine_metrics"][routine_id])
        metrics["duration_ms"] = (metrics.get("total_duration") or 0) * 1000
        return metrics

    def set_max_events_per_job(self, count):
        request("PUT", "/api/monitoring", {"max_events_per_job": count})


class BreakpointManager:
    def set_breakpoint(self, job_id, routine_id, slot_name=None, event_name=None, type=None, condition=None, enabled=True):
        body = {"routine_id": routine_id, "slot_name": slot_name, "event_name": event_name, "condition": condition}
        body["type"] = type or ("event" if event_name else "slot" if slot_name else "routine")
        body["enabled"] = enabled
        return request("POST", "/api/jobs/%s/breakpoints" % _quoted(job_id), body)

    def get_breakpoints(self, job_id):
        return request("GET", "/api/jobs/%s/breakpoints" % _quoted(job_id))["breakpoints"]

    def remove_breakpoint(self, breakpoint_id, job_id):
        request("DELETE", "/api/jobs/%s/breakpoints/%s" % (_quoted(job_id), _quoted(breakpoint_id)))


class MonitoringRegistry:
    _instance = None

    def __init__(self):
        self.monitor_collector = MonitorCollector()
        self.breakpoint_manager = BreakpointManager()

    @classmethod
    def get_instance(cls):
        if cls._instance is None:
            cls._instance = cls()
        return cls._instance

    @classmethod
    def enable(cls):
        request("PUT", "/api/monitoring", {"enabled": True})

    @classmethod
    def disable(cls):
        request("PUT", "/api/monitoring", {"enabled": False})

    @classmethod
    def is_enabled(cls):
        return bool(request("GET", "/api/monitoring")["enabled"])


class _EventManager:
    def get_status(self, job_id):
        status = request("GET", "/api/ws/status")
        jobs = status.get("jobs", status)
        return jobs.get(job_id, {"subscriber_count": 0, "queue_size": 0, "max_size": 100})


class _JobStore:
    def remove_old_jobs(self, max_age_seconds):
        return request("DELETE", "/api/jobs?older_than=%s" % max_age_seconds)


job_store = _JobStore()
_event_manager = _EventManager()


def get_event_manager():
    return _event_manager


def _main(arguments):
    if len(arguments) == 2 and arguments[0] == "--describe":
        out = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        json.dump(_describe(arguments[1]), out)
        out.close()
        return 0
    if len(arguments) == 2 and arguments[0] == "--serve":
        _serve(arguments[1])
        return 0
    print(__doc__)
    return 2


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
