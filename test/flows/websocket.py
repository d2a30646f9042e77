"""A WebSocket as a test drives it: words as JSON lines on stdin, what happens as JSON lines on stdout.

{"send": ...} sends, {"text": "..."} sends as it stands, {"read": false} stops reading, {"close": true} closes.
"""

import asyncio
import json
import sys

import websockets


def say(**words):
    print(json.dumps(words), flush=True)


async def words():
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=2**22)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    while line := await reader.readline():
        yield json.loads(line)


async def read(socket):
    try:
        async for message in socket:
            say(message=json.loads(message))
    except websockets.ConnectionClosed:
        pass
    say(closed=socket.close_code, reason=socket.close_reason)


async def main(url, headers):
    options = {"extra_headers": headers, "max_queue": 1, "read_limit": 4096, "ping_interval": None, "max_size": 2**24}
    try:
        socket = await websockets.connect(url, **options)
    except websockets.InvalidStatusCode as error:
        return say(refused=error.status_code)
    say(open=True, extensions=[extension.name for extension in socket.extensions])
    reading = asyncio.create_task(read(socket))
    async for one in words():
        if "send" in one:
            await socket.send(json.dumps(one["send"]))
        elif "text" in one:
            await socket.send(one["text"])
        elif "close" in one:
            await socket.close()
        elif one.get("read") is False:
            reading.cancel()
        else:
            reading = asyncio.create_task(read(socket))
    await socket.close()


asyncio.run(main(sys.argv[1], json.loads(sys.argv[2])))
