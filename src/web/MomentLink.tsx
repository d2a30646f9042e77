// A link to a moment: a real address to copy or open aside, and no reload when it is just followed.

import type { ComponentChildren } from "preact"
import { searchOf } from "./address.ts"
import type { Choose } from "./Choose.ts"

interface Props {
  readonly at: string
  readonly choose: Choose
  readonly label: string
  readonly children: ComponentChildren
}

export const MomentLink = ({ at, choose, label, children }: Props) => {
  const onClick = (event: MouseEvent) => {
    if (event.button !== 0 || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return
    event.preventDefault()
    choose(at)
  }
  return (
    <a href={searchOf(location.search, at)} title={label} onClick={onClick}>
      {children}
    </a>
  )
}
