// Below the timeline: closer, further, the latest, all; and what the colours mean.

import { micros } from "./scale.ts"
import type { Tracks } from "./tracks.ts"
import { lengthOf, type Window, zoomed } from "./windows.ts"

interface Props {
  readonly window: Window
  readonly extent: Window
  readonly whole: Window | null
  readonly go: (window: Window) => void
  readonly tracks: Tracks
  readonly isReading: boolean
}

export const TimelineControls = ({ window, extent, whole, go, tracks, isReading }: Props) => (
  <div class="toolbar timeline-acts">
    <div class="segments">
      <button
        type="button"
        aria-label="Zoom in"
        title="Zoom in ( + )"
        onClick={() => go(zoomed(window, extent, 0.5, 0.5))}
      >
        +
      </button>
      <button
        type="button"
        aria-label="Zoom out"
        title="Zoom out ( − )"
        onClick={() => go(zoomed(window, extent, 2, 0.5))}
      >
        −
      </button>
      <button type="button" disabled={whole === null} onClick={() => whole !== null && go(whole)}>
        Latest
      </button>
      <button type="button" onClick={() => go(extent)}>
        All
      </button>
    </div>
    <span class="faint">
      {micros(lengthOf(window))}
      {tracks.slice > 0 ? `, in slices of ${micros(tracks.slice)}` : ""}
      {isReading ? ", reading …" : ""}
    </span>
    <span class="timeline-legend">
      <i class="legend-wait" /> waits <i class="legend-move" /> transfers <i class="legend-missing" /> did not come
    </span>
  </div>
)
