# Ends with the code in CODE.
echo "ending with ${CODE:-0}"
exit "${CODE:-0}"
