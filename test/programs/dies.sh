# Ends by the signal in SIGNAL_NUMBER.
kill -"$SIGNAL_NUMBER" $$
sleep 300
