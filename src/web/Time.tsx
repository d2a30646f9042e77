// A time as the reader's clock has it; the exact one, in UTC, is a hover away.

import { clockIn } from "./format.ts"

interface Props {
  readonly at: string
  /** Times of another day than this one carry their day. */
  readonly near: string | null
  /** With milliseconds. */
  readonly isFine?: boolean
}

export const Time = ({ at, near, isFine = false }: Props) => {
  const clock = clockIn()
  const millis = Date.parse(at)
  const isSameDay = near !== null && clock.day(Date.parse(near)) === clock.day(millis)
  const fine = isFine ? `.${String(Math.floor(millis) % 1000).padStart(3, "0")}` : ""
  return (
    <time dateTime={at} title={at}>
      {isSameDay ? clock.time(millis) : clock.dayAndTime(millis)}
      {fine}
    </time>
  )
}
