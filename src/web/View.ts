// What makes a view: a name in the address, a key, what it asks, and how it shows the answers.

import type { JSX } from "preact"
import type { Desk } from "./Desk.ts"
import type { PageState } from "./PageState.ts"
import type { ViewName } from "./Place.ts"
import type { Question } from "./Question.ts"

export interface View {
  readonly name: ViewName
  readonly title: string
  readonly questions: (page: PageState) => ReadonlyArray<Question<unknown>>
  readonly Body: (props: { readonly desk: Desk }) => JSX.Element
}
