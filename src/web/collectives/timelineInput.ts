// What keys and the wheel mean on the timeline.

import { useEffect, useRef } from "preact/hooks"
import { lengthOf, moved, type Window, zoomed } from "./windows.ts"

export const keyed = (event: KeyboardEvent, window: Window, extent: Window): Window | null => {
  if (event.altKey || event.ctrlKey || event.metaKey) return null
  const step = lengthOf(window) * (event.shiftKey ? 0.5 : 0.1)
  switch (event.key) {
    case "ArrowLeft":
      return moved(window, extent, -step)
    case "ArrowRight":
      return moved(window, extent, step)
    case "+":
    case "=":
      return zoomed(window, extent, 0.5, 0.5)
    case "-":
      return zoomed(window, extent, 2, 0.5)
    case "Home":
      return { from: extent.from, to: extent.from + lengthOf(window) }
    case "End":
      return { from: extent.to - lengthOf(window), to: extent.to }
    default:
      return null
  }
}

/** Preact listens to wheels passively: such a listener could not keep the page from scrolling. */
export const useWheel = (
  canvas: { readonly current: HTMLCanvasElement | null },
  width: number,
  turn: (factor: number, at: number, pan: number) => void,
) => {
  const latest = useRef(turn)
  latest.current = turn
  useEffect(() => {
    const element = canvas.current
    if (element === null || width === 0) return
    const onWheel = (event: WheelEvent) => {
      const isZoom = event.ctrlKey || event.metaKey || event.altKey
      const sideways = event.shiftKey ? event.deltaY : event.deltaX
      if (!isZoom && Math.abs(sideways) <= Math.abs(event.deltaY) && !event.shiftKey) return
      event.preventDefault()
      if (isZoom) latest.current(1.0025 ** event.deltaY, event.offsetX / width, 0)
      else latest.current(1, 0, sideways)
    }
    element.addEventListener("wheel", onWheel, { passive: false })
    return () => element.removeEventListener("wheel", onWheel)
  }, [width])
}
