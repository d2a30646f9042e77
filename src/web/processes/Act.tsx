// A button for a dangerous act: it asks first, naming what will be lost, and says why when the agent refuses.

import { useEffect, useRef, useState } from "preact/hooks"
import type { Desk } from "../Desk.ts"

interface Props {
  readonly desk: Desk
  readonly title: string
  readonly url: string
  readonly method?: "POST" | "DELETE"
  readonly body?: unknown
  readonly question: string
  /** What the act takes away, in words. */
  readonly losses: ReadonlyArray<string>
}

export const Act = ({ desk, title, url, method = "POST", body, question, losses }: Props) => {
  const [isAsking, setAsking] = useState(false)
  const [isActing, setActing] = useState(false)
  const [refusal, setRefusal] = useState<string | null>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => {
    if (isAsking) dialog.current?.showModal()
  }, [isAsking])
  const act = async () => {
    setActing(true)
    const outcome = await desk.act(method, url, body)
    setActing(false)
    if (outcome._tag === "Answered") return setAsking(false)
    setRefusal(outcome._tag === "Refused" ? outcome.detail : outcome.reason)
  }
  const open = () => {
    setRefusal(null)
    setAsking(true)
  }
  return (
    <>
      <button type="button" class="button-bad" onClick={open}>
        {title} …
      </button>
      {isAsking && (
        <dialog ref={dialog} aria-labelledby="act-question" onClose={() => setAsking(false)}>
          <h2 id="act-question">{question}</h2>
          <ul>
            {losses.map((loss) => (
              <li key={loss}>{loss}</li>
            ))}
          </ul>
          {refusal !== null && (
            <p class="notice" role="alert">
              <strong>Refused.</strong> {refusal}
            </p>
          )}
          <div class="dialog-acts">
            <button type="button" onClick={() => setAsking(false)}>
              Leave it
            </button>
            <button type="button" class="button-bad button-firm" disabled={isActing} onClick={() => void act()}>
              {isActing ? "Working …" : title}
            </button>
          </div>
        </dialog>
      )}
    </>
  )
}
