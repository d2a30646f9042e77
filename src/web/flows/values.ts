// Values that a reader types: JSON, or a word on what is wrong with it.

export type Typed = { readonly fault: null; readonly value: unknown } | { readonly fault: string }

export const markedJson = (text: string): Typed => {
  try {
    return { fault: null, value: JSON.parse(text) as unknown }
  } catch {
    return { fault: 'no JSON: a text takes quotes ("so"), a list brackets ([1, 2])' }
  }
}
