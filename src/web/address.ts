// The page's own address names the moment that it shows: `?at=` with a position, a time or a span back; none is "live".

/** What the address asks for; null is live. */
export const momentOf = (search: string): string | null => {
  const at = new URLSearchParams(search).get("at")
  return at === null || at === "" || at === "now" ? null : at
}

/** The address of a moment, with whatever else the present one holds. */
export const searchOf = (search: string, at: string | null): string => {
  const query = new URLSearchParams(search)
  if (at === null) query.delete("at")
  else query.set("at", at)
  // A colon needs no escape in a query, and a time that one can read is worth a replacement.
  const text = query.toString().replaceAll("%3A", ":")
  return text === "" ? "" : `?${text}`
}

/** Coming to the past or leaving it is a step of the browser's history; moving about within it is none. */
export const isStep = (before: string | null, after: string | null): boolean => (before === null) !== (after === null)
