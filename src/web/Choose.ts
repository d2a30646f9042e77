// The one wish that any part of the page may have: to be at another moment; null is live.

export type Choose = (at: string | null) => void
