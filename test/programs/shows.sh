# Writes its environment where the test can read it.
env >"$READY.part" && mv "$READY.part" "$READY"
