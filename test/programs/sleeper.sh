# Runs until it is ended.
echo "pid $$"
exec sleep 300
