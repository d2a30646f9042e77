# Ignores SIGTERM, and so does everything that it starts, in every way in which a process can get away from its group.
trap '' TERM
sleep 301 &
setsid sleep 302 &
(setsid sh -c 'sleep 303 & exit' &)
(sleep 304 &)
echo ready >"$READY"
while :; do sleep 305; done
