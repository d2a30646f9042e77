// The floor of single posts: a bare node:http2 server that parses the same body and answers. Run as a process of its own.

import { createServer } from "node:http2"

const answer = Buffer.from('{"message":"Log processed"}')
const headers = { ":status": 200, "content-type": "application/json", "content-length": answer.length }

const server = createServer()
server.on("stream", (stream) => {
  const chunks = []
  stream.on("data", (chunk) => chunks.push(chunk))
  stream.on("end", () => {
    const { opType } = JSON.parse(Buffer.concat(chunks).toString("utf8"))
    if (opType === "") stream.close()
    stream.respond(headers)
    stream.end(answer)
  })
})
server.listen(0, "127.0.0.1", () => {
  const ccl = `http://127.0.0.1:${server.address().port}`
  process.stdout.write(`${JSON.stringify({ ready: true, ccl })}\n`)
})
