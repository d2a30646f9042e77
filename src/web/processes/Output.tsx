// What a process writes, as it comes, and a search in it.

import { useEffect, useRef, useState } from "preact/hooks"
import type { ProcessAnswer } from "../../wire/state.ts"
import type { Desk } from "../Desk.ts"
import { count } from "../format.ts"
import { question } from "../Question.ts"

const lines = 500
/** Older lines go first; all of them are in the file. */
const mostLines = 5_000

interface Read {
  readonly lines: ReadonlyArray<string>
  readonly fault: string | null
}

/** What begins in the middle of a line goes on where the last piece ended. */
const joined = (known: ReadonlyArray<string>, text: string): ReadonlyArray<string> => {
  const [first = "", ...rest] = text.split("\n")
  return [...known.slice(0, -1), (known.at(-1) ?? "") + first, ...rest].slice(-mostLines)
}

export const Output = ({ process, desk }: { readonly process: ProcessAnswer; readonly desk: Desk }) => {
  const [read, setRead] = useState<Read>({ lines: [], fault: null })
  const [follow, setFollow] = useState(true)
  const [sought, setSought] = useState("")
  const box = useRef<HTMLPreElement>(null)
  const isPresent = desk.page.wanted === null && desk.page.log?.read_only === false
  useEffect(() => {
    if (!isPresent) return
    const over = new AbortController()
    const asked = question<string>(`v1/processes/${encodeURIComponent(process.id)}/logs`, {
      last: lines,
      follow: follow ? "true" : null,
    })
    setRead({ lines: [], fault: null })
    let known: ReadonlyArray<string> = []
    const take = (text: string) => {
      known = joined(known, text)
      setRead({ lines: known, fault: null })
    }
    void desk.agent.follow(asked, take, over.signal).then((outcome) => {
      if (over.signal.aborted || outcome._tag === "Answered") return
      setRead({ lines: known, fault: outcome._tag === "Refused" ? outcome.detail : outcome.reason })
    })
    return () => over.abort()
  }, [process.id, process.boots, follow, isPresent])
  const shown =
    sought === "" ? read.lines : read.lines.filter((line) => line.toLowerCase().includes(sought.toLowerCase()))
  useEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight
  }, [shown.length, follow])
  return (
    <div class="output">
      <div class="toolbar">
        <h3 class="panel-title">Output</h3>
        <input
          type="search"
          data-filter=""
          aria-label="Search the output"
          placeholder="Search  ( / )"
          value={sought}
          onInput={(event) => setSought(event.currentTarget.value)}
        />
        <button type="button" aria-pressed={follow} disabled={!isPresent} onClick={() => setFollow(!follow)}>
          {follow ? "Following" : "Follow"}
        </button>
        {sought !== "" && <span class="faint">{count(shown.length)} lines</span>}
      </div>
      {!isPresent ? (
        <p class="hint">Output is kept beside the log, not in it: it is shown of a live agent, for the present.</p>
      ) : read.fault !== null ? (
        <p class="hint">Not readable: {read.fault}</p>
      ) : shown.every((line) => line === "") ? (
        <p class="hint">{sought === "" ? "It has written nothing." : "No line fits."}</p>
      ) : (
        <pre ref={box} class="output-lines" tabIndex={0} aria-label="Lines of output">
          {shown.join("\n")}
        </pre>
      )}
    </div>
  )
}
