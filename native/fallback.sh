#!/bin/sh
# Stands in for annalist-shim where no binary runs: same directory, same files, less knowledge.
#   fallback.sh --dir DIR [--log FILE] [--cwd DIR] [--umask OCT] [--notify FD] -- PROGRAM ARG...
# No rotation (those options are taken and ignored), no cgroup, no limit, no user, no lock: asking for one
# of these is a boot failure, because a limit that is silently not there is worse than none.
# The shell shows an exit code above 128 and a death by signal alike, so such an end is "ambiguous".
# Descendants that leave the session are not seen: "empty" speaks of the process group alone.
set -u

dir='' log=/dev/null cwd='' umask='' notify='' failed=''

now_us() {
  now=$(date +%s%N)
  case $now in
  *[!0-9]*) echo "$(date +%s)000000" ;;
  *) echo "${now%???}" ;;
  esac
}

# Field 22 of /proc/PID/stat, counted from the last parenthesis; 0 where it cannot be read.
start_ticks() {
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || { echo 0 && return; }
  # shellcheck disable=SC2086
  set -- ${stat##*) }
  echo "${20}"
}

quoted() {
  printf '"%s"' "$(printf %s "$1" | tr '\000-\037' ' ' | sed 's/[\\"]/\\&/g')"
}

# record NAME LINE: the file whole or not at all, then the same line to the agent if it still listens
record() {
  printf '%s\n' "$2" >"$dir/$1.tmp" && mv -f "$dir/$1.tmp" "$dir/$1"
  [ -z "$notify" ] || eval "printf '%s\\n' \"\$2\" >&$notify" 2>/dev/null || notify=''
}

# fail STEP ERRNO TEXT PATH
fail() {
  line="{\"step\":\"$1\",\"errno\":$2,\"error\":\"$3\",\"path\":$(quoted "$4")}"
  [ ! -d "$dir" ] || record failure "$line"
  printf '%s\n' "$line" >&2
  exit 127
}

while [ $# -gt 0 ] && [ "$1" != -- ]; do
  [ $# -gt 1 ] || fail usage 22 'Invalid argument' "$1"
  case $1 in
  --dir) dir=$2 ;;
  --log) log=$2 ;;
  --cwd) cwd=$2 ;;
  --umask) umask=$2 ;;
  --notify) case $2 in [3-9]) notify=$2 ;; esac ;;
  --rotate-bytes | --rotate-count) ;;
  --cgroup | --limit | --hold) failed="${1#--}" ;;
  --uid | --gid) failed=user ;;
  *) fail usage 22 'Invalid argument' "$1" ;;
  esac
  shift 2
done
[ -d "$dir" ] || fail dir 2 'No such file or directory' "$dir"
[ $# -gt 1 ] || fail usage 22 'Invalid argument' --
shift
trap '' HUP INT QUIT TERM PIPE
rm -f "$dir/identity" "$dir/failure" "$dir/status" "$dir/empty"
[ -z "$failed" ] || fail "$failed" 95 'Operation not supported by the fallback' "$failed"
(: >>"$log") 2>/dev/null || fail log 13 'Permission denied' "$log"
[ -z "$cwd" ] || [ -d "$cwd" ] || fail cwd 2 'No such file or directory' "$cwd"
(cd "${cwd:-.}" && command -v "$1") >/dev/null 2>&1 || fail exec 2 'No such file or directory' "$1"

# An asynchronous child of a shell ignores SIGINT and SIGQUIT, for good unless env can undo it.
defaults=''
env --default-signal=INT,QUIT true 2>/dev/null && defaults='env --default-signal=INT,QUIT'
session=$(command -v setsid || true)
boot_id=$(cat /proc/sys/kernel/random/boot_id 2>/dev/null)
started=$(now_us)
(
  trap - HUP INT QUIT TERM PIPE
  [ -z "$umask" ] || umask "$umask"
  [ -z "$cwd" ] || cd "$cwd" || exit 127
  [ -z "$notify" ] || eval "exec $notify>&-"
  exec $session $defaults "$@"
) </dev/null >>"$log" 2>&1 &
pid=$!
record identity "{\"pid\":$pid,\"start_ticks\":$(start_ticks $pid),\"boot_id\":$(quoted "$boot_id"),\"shim_pid\":$$,\"shim_start_ticks\":$(start_ticks $$),\"started_at_us\":$started}"

wait $pid
code=$?
if [ $code -gt 128 ]; then
  fate='"wait_status":null,"code":null,"signal":null,"ambiguous":true'
else
  fate="\"wait_status\":$((code * 256)),\"code\":$code,\"signal\":null"
fi
record status "{$fate,\"core_dumped\":false,\"ended_at_us\":$(now_us),\"user_us\":null,\"system_us\":null,\"max_resident_bytes\":null}"

# Without setsid the group is the shell's own and says nothing.
while [ -n "$session" ] && kill -s 0 -- "-$pid" 2>/dev/null; do
  sleep 1
done
record empty "{\"at_us\":$(now_us),\"dropped_bytes\":0,\"stragglers_reaped\":null}"
