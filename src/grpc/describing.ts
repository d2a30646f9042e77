// What `describe` tells: the calls, what each takes and what it answers with.

import { answersOne, type Generation } from "./Generation.ts"

const packageName = "dunedaq.druncschema"
export const ownName = "process_manager"

const command = (name: string, dataType: string | null, help: string, returnType: string) => ({
  name,
  data_type: [dataType === null ? "None" : `${packageName}.${dataType}`],
  help,
  return_type: `${packageName}.${returnType}`,
})

export const description = (generation: Generation) => {
  const one = answersOne(generation) ? "ProcessInstance" : "ProcessInstanceList"
  return {
    type: ownName,
    name: ownName,
    commands: [
      command(
        "describe",
        null,
        "Describe self (return a list of commands, the type of endpoint, the name and session).",
        "Description",
      ),
      command("boot", "BootRequest", "Start a process on the first of its hosts that takes it.", one),
      command("terminate", null, "Kill every process that is managed here.", "ProcessInstanceList"),
      command("restart", "ProcessQuery", "Kill one process if it lives, and start it again under its uuid.", one),
      command(
        "kill",
        "ProcessQuery",
        "Kill the processes of a query, and whatever they started.",
        "ProcessInstanceList",
      ),
      command("flush", "ProcessQuery", "Forget the dead processes of a query.", "ProcessInstanceList"),
      command("ps", "ProcessQuery", "List the processes of a query.", "ProcessInstanceList"),
      command("logs", "LogRequest", "Stream the last lines of one process, one an answer.", "LogLine"),
    ],
  }
}
