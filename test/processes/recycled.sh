# Run as the first process of a pid namespace of its own: a managed process and its shim are killed behind the agent's back, the agent
# too, and the pid is given to somebody else before the next agent starts. Prints what became of the process and of the stranger.
NODE=$1 PROGRAM=$2 DATA=$3
start() {
  "$NODE" "$PROGRAM" agent --port 18080 --ccl-port off --extra-ports off --grpc-port off --data "$DATA" --json >"$DATA.out" 2>"$DATA.err" &
  agent=$!
  until curl -sf http://127.0.0.1:18080/v1/health/ready >/dev/null; do sleep 0.05; done
}
field() { sed -n "s/.*\"$1\":\"\{0,1\}\([^\",}]*\).*/\1/p"; }
start
booted=$(curl -s -H 'content-type: application/json' -d '{"argv":["sleep","300"]}' http://127.0.0.1:18080/v1/processes)
id=$(echo "$booted" | field id)
pid=$(echo "$booted" | field pid)
shim=$(awk '{print $4}' "/proc/$pid/stat")
kill -9 "$agent" "$shim" "$pid"
wait "$agent"
while [ -e "/proc/$pid" ]; do sleep 0.02; done
echo $((pid - 1)) >/proc/sys/kernel/ns_last_pid
sleep 777 &
stranger=$!
start
after=$(curl -s "http://127.0.0.1:18080/v1/processes/$id")
kill=$(curl -s -o /dev/null -w '%{http_code}' -X POST "http://127.0.0.1:18080/v1/processes/$id/kill")
alive=$(kill -0 "$stranger" 2>/dev/null && echo yes || echo no)
kill -9 "$agent" "$stranger"
echo "{\"pid\":$pid,\"stranger\":$stranger,\"alive\":\"$alive\",\"kill\":$kill,\"process\":$after}"
