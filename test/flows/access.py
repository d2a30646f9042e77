"""The documents' access calls, as they stand there, against a running agent: prints what it saw as one JSON object."""

import json

from annalist_flows import AnnalistError, Flow, MonitoringRegistry, get_event_manager, job_store
from pipeline import Ingest, Process, Validate

MonitoringRegistry.disable()
was_enabled = MonitoringRegistry.is_enabled()
MonitoringRegistry.enable()

flow = Flow("data_processing")
flow.add_routine(Ingest(), "ingest")
flow.add_routine(Process(), "process")
flow.add_routine(Validate(), "validate")
flow.connect("ingest", "data_ingested", "process", "data_ingested")
flow.connect("process", "data_processed", "validate", "data_processed")
job_state = flow.execute("ingest", entry_params={"data": [1, 2, 3, 4, 5]})

registry = MonitoringRegistry.get_instance()
collector = registry.monitor_collector
collector.set_max_events_per_job(500)
metrics = collector.get_metrics(job_state.job_id)
trace = collector.get_execution_trace(job_state.job_id)
routine_metrics = collector.get_routine_metrics(job_state.job_id, "process")
try:
    registry.breakpoint_manager.set_breakpoint(
        job_id=job_state.job_id, routine_id="process", slot_name="data_ingested", condition="data.get('value', 0) > 100"
    )
    refused = None
except AnnalistError as error:
    refused = error.status

print(
    json.dumps(
        {
            "was_enabled": was_enabled,
            "is_enabled": MonitoringRegistry.is_enabled(),
            "status": job_state.status,
            "total_events": metrics["total_events"],
            "took": metrics["duration_ms"] > 0,
            "trace": ["%s %s" % (event["event_type"], event["routine_id"]) for event in trace],
            "routine": [routine_metrics["execution_count"], routine_metrics["duration_ms"] > 0],
            "refused": refused,
            "capacity": get_event_manager().get_status(job_state.job_id)["max_size"],
            "removed": job_store.remove_old_jobs(max_age_seconds=3600) is not None,
        }
    )
)
