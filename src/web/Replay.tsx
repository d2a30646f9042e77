// The controls of a replay: play, pause, one event further, how fast.

import type { ReplayAnswer } from "../wire/replay.ts"
import type { Desk } from "./Desk.ts"
import { answerTo } from "./PageState.ts"
import { question } from "./Question.ts"

export const replayAsked = question<ReplayAnswer>("v1/replay")

const speeds = ["0.1", "0.5", "1", "2", "5", "10", "60", "max"]

/** Nothing where nothing is replayed. */
export const Replay = ({ desk }: { readonly desk: Desk }) => {
  const answer = answerTo(desk.page.picture, replayAsked)
  if (answer?._tag !== "Answered") return null
  const { state, speed } = answer.value
  const act = (name: string, body?: unknown) => void desk.act("POST", `v1/replay/${name}`, body)
  const known = speeds.includes(String(speed)) ? speeds : [String(speed), ...speeds]
  return (
    <div class="replay" role="group" aria-label="Replay">
      <button
        type="button"
        disabled={state === "ended"}
        title="Space"
        data-play=""
        onClick={() => act(state === "playing" ? "pause" : "resume")}
      >
        {state === "playing" ? "Pause" : state === "ended" ? "Played" : "Play"}
      </button>
      <button
        type="button"
        disabled={state === "ended"}
        aria-label="One event further"
        title="One event further"
        onClick={() => act("step", {})}
      >
        +1
      </button>
      <select
        aria-label="Speed"
        value={String(speed)}
        onChange={(event) => {
          const { value } = event.currentTarget
          act("speed", { speed: value === "max" ? "max" : Number(value) })
        }}
      >
        {known.map((one) => (
          <option key={one} value={one}>
            {one === "max" ? "max" : `× ${one}`}
          </option>
        ))}
      </select>
    </div>
  )
}
