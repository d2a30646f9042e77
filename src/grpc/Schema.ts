// The protocol files, loaded, and the messages that travel inside others: packed with their name, unpacked only under it.

import { loadSync, type MessageTypeDefinition, type ServiceDefinition } from "@grpc/proto-loader"
import { Either } from "effect"
import type { Any } from "./messages.ts"

const packageName = "dunedaq.druncschema"
export const spokenPath = `${packageName}.ProcessManager`
const files = ["druncschema/process_manager.proto", "druncschema/generic.proto"]
const anyPrefix = "type.googleapis.com/"

export interface Schema {
  readonly service: ServiceDefinition
  readonly pack: (type: string, message: object) => Any
  /** A string is what is wrong with it. */
  readonly unpack: <Message>(type: string, any: Any | null) => Either.Either<Message, string>
}

export const load = (protoDirectory: string): Schema => {
  const options = { includeDirs: [protoDirectory], keepCase: true, defaults: true, enums: Number, longs: Number }
  const definition = loadSync(files, options)
  const typeOf = (type: string) => definition[`${packageName}.${type}`] as MessageTypeDefinition<object, object>
  return {
    service: definition[spokenPath] as ServiceDefinition,
    pack: (type, message) => ({
      type_url: `${anyPrefix}${packageName}.${type}`,
      value: typeOf(type).serialize(message),
    }),
    unpack: <Message>(type: string, any: Any | null): Either.Either<Message, string> => {
      if (any === null) return Either.left(`data is missing; it has to hold a ${packageName}.${type}`)
      const name = any.type_url.slice(any.type_url.lastIndexOf("/") + 1)
      if (name !== `${packageName}.${type}`) {
        return Either.left(`data holds ${JSON.stringify(name.slice(0, 200))}; it has to hold a ${packageName}.${type}`)
      }
      try {
        return Either.right(typeOf(type).deserialize(Buffer.from(any.value)) as Message)
      } catch (error) {
        return Either.left(
          `data is no ${type}: ${error instanceof Error ? error.message.slice(0, 200) : "it cannot be read"}`,
        )
      }
    },
  }
}
