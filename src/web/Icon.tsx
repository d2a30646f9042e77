// The few shapes that stand beside words: each tone has its own outline, so that none is told by colour alone.

import type { JSX } from "preact"
import type { Tone } from "./verdictWords.ts"

const shapes: Readonly<Record<Tone, JSX.Element>> = {
  good: (
    <>
      <circle cx="12" cy="12" r="9.5" />
      <path d="M7.5 12.5l3 3 6-6.5" />
    </>
  ),
  warn: (
    <>
      <path d="M12 3L22 20.5H2z" />
      <path d="M12 9.5v5M12 17v.6" />
    </>
  ),
  bad: (
    <>
      <path d="M8 2.5h8L21.5 8v8L16 21.5H8L2.5 16V8z" />
      <path d="M8.5 8.5l7 7m0-7l-7 7" />
    </>
  ),
  unsure: (
    <>
      <circle cx="12" cy="12" r="9.5" stroke-dasharray="3.6 2.4" />
      <path d="M9.2 9.4a2.9 2.9 0 1 1 4 2.9c-.8.4-1.2.9-1.2 1.9M12 17v.6" />
    </>
  ),
}

export const Icon = ({ tone }: { readonly tone: Tone }) => (
  <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    {shapes[tone]}
  </svg>
)
