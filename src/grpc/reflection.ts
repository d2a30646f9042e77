// Server reflection: tells a client which services there are and hands it the descriptors of their files, in both versions of the protocol.
// The descriptors are protoc's own, committed beside the files: the loader's leave out what other readers insist on.

import type { ServerDuplexStream } from "@grpc/grpc-js"
import { loadSync, type ServiceDefinition } from "@grpc/proto-loader"

interface Question {
  readonly file_by_filename?: string
  readonly file_containing_symbol?: string
  readonly list_services?: string
}

interface Service {
  readonly definition: ServiceDefinition
  readonly handlers: { readonly ServerReflectionInfo: (call: ServerDuplexStream<Question, object>) => void }
}

const versions = ["v1", "v1alpha"] as const
const notFound = 5
const notImplemented = 12

/** `descriptors` is a FileDescriptorSet; `names` are the services that it is about. */
export const answering = (
  protoDirectory: string,
  descriptors: Uint8Array,
  names: ReadonlyArray<string>,
): ReadonlyArray<Service> => {
  const files = filesIn(descriptors)
  const known = versions.map((version) => `grpc.reflection.${version}.ServerReflection`)
  const answer = answerFrom(files, [...names, ...known])
  return versions.map((version, index) => {
    const options = { includeDirs: [protoDirectory], keepCase: true, oneofs: true }
    const definition = loadSync(`grpc/reflection/${version}.proto`, options)
    return {
      definition: definition[known[index] ?? ""] as ServiceDefinition,
      handlers: {
        ServerReflectionInfo: (call) => {
          call.on("data", (question: Question) => call.write({ original_request: question, ...answer(question) }))
          call.on("end", () => call.end())
        },
      },
    }
  })
}

interface DescribedFile {
  readonly name: string
  /** Fully qualified: messages, enums and services of its top level. */
  readonly symbols: ReadonlySet<string>
  readonly bytes: Uint8Array
}

const answerFrom =
  (files: ReadonlyArray<DescribedFile>, names: ReadonlyArray<string>) =>
  ({ list_services, file_by_filename, file_containing_symbol: symbol }: Question): object => {
    if (list_services !== undefined) return { list_services_response: { service: names.map((name) => ({ name })) } }
    if (symbol === undefined && file_by_filename === undefined) {
      return { error_response: { error_code: notImplemented, error_message: "there are no extensions here" } }
    }
    const found = files.find(({ name, symbols }) =>
      symbol === undefined ? name === file_by_filename : holds(symbols, symbol),
    )
    return found === undefined
      ? { error_response: { error_code: notFound, error_message: "nothing of that name is spoken here" } }
      : { file_descriptor_response: { file_descriptor_proto: [found.bytes] } }
  }

/** What lies inside a message, and a method of a service, is found with it. */
const holds = (symbols: ReadonlySet<string>, symbol: string): boolean => {
  for (let name = symbol; name !== ""; name = name.slice(0, Math.max(0, name.lastIndexOf(".")))) {
    if (symbols.has(name)) return true
  }
  return false
}

/** Of a descriptor's fields: 1 its name, 2 its package, 4 messages, 5 enums, 6 services; of each of those, 1 its name. */
const filesIn = (set: Uint8Array): ReadonlyArray<DescribedFile> =>
  partsOf(set).map(({ bytes }) => {
    const parts = partsOf(bytes)
    const text = (number: number) => textOf(parts.find((part) => part.number === number)?.bytes)
    const own = parts.filter(({ number }) => number >= 4 && number <= 6)
    const names = own.map((part) => textOf(partsOf(part.bytes).find(({ number }) => number === 1)?.bytes))
    return { name: text(1), symbols: new Set(names.map((name) => `${text(2)}.${name}`)), bytes }
  })

interface Part {
  readonly number: number
  readonly bytes: Uint8Array
}

/** The fields of a message that hold bytes; the numbers among them are passed over. */
const partsOf = (message: Uint8Array): ReadonlyArray<Part> => {
  const parts: Array<Part> = []
  let at = 0
  const next = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const byte = message[at++] ?? 0
      value += (byte & 127) * 2 ** shift
      if (byte < 128) return value
    }
  }
  while (at < message.length) {
    const key = next()
    if ((key & 7) !== 2) {
      next()
      continue
    }
    const length = next()
    parts.push({ number: key >>> 3, bytes: message.subarray(at, at + length) })
    at += length
  }
  return parts
}

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString()
