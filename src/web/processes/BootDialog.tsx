// Boots a process: a script below the agent's script roots, with a name and an environment.

import { useEffect, useRef, useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"
import { placeAt } from "../Place.ts"

interface Props {
  readonly desk: Desk
  readonly close: () => void
}

/** A NAME=value a line. */
const environmentOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    text
      .split("\n")
      .filter((line) => line.includes("="))
      .map((line) => {
        const at = line.indexOf("=")
        return [line.slice(0, at).trim(), line.slice(at + 1)]
      }),
  )

export const BootDialog = ({ desk, close }: Props) => {
  const dialog = useRef<HTMLDialogElement>(null)
  const [script, setScript] = useState("")
  const [name, setName] = useState("")
  const [environment, setEnvironment] = useState("")
  const [refusal, setRefusal] = useState<string | null>(null)
  const [isActing, setActing] = useState(false)
  useEffect(() => dialog.current?.showModal(), [])
  const boot = async () => {
    setActing(true)
    const env = environmentOf(environment)
    const outcome = await desk.act("POST", "v1/processes", {
      script_path: script,
      ...(name === "" ? {} : { name }),
      ...(Object.keys(env).length === 0 ? {} : { env }),
    })
    setActing(false)
    if (outcome._tag !== "Answered") return setRefusal(outcome._tag === "Refused" ? outcome.detail : outcome.reason)
    close()
    const { id } = outcome.value as { readonly id?: string }
    if (id !== undefined) desk.go(placeAt("processes", id))
  }
  const submit = (event: Event) => {
    event.preventDefault()
    void boot()
  }
  return (
    <dialog ref={dialog} aria-labelledby="boot-title" onClose={close}>
      <h2 id="boot-title">Boot a process</h2>
      <form class="form" onSubmit={submit}>
        <label>
          Script, below the agent's script roots
          <input
            type="text"
            required
            value={script}
            placeholder="launch.sh"
            onInput={(event) => setScript(event.currentTarget.value)}
          />
        </label>
        <label>
          Name <span class="faint">(the script's own, if empty)</span>
          <input type="text" value={name} onInput={(event) => setName(event.currentTarget.value)} />
        </label>
        <label>
          Environment, NAME=value a line <span class="faint">(values are not written down)</span>
          <textarea rows={3} value={environment} onInput={(event) => setEnvironment(event.currentTarget.value)} />
        </label>
        {refusal !== null && (
          <p class="notice" role="alert">
            <strong>Refused.</strong> {refusal}
          </p>
        )}
        <div class="dialog-acts">
          <button type="button" onClick={close}>
            Leave it
          </button>
          <button class="button-firm" disabled={isActing}>
            {isActing ? "Booting …" : "Boot"}
          </button>
        </div>
      </form>
    </dialog>
  )
}
