# Waits until the file in GATE is there, then ends with CODE.
echo waiting
while [ ! -e "$GATE" ]; do sleep 0.01; done
echo open
exit "$CODE"
