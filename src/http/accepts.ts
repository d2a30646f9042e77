// What a client asked to be answered with. Only a type that is named counts: `*/*` and no header at all mean JSON.

type Headers = Readonly<Record<string, string | undefined>>

export const names = (headers: Headers, type: string): boolean => {
  const accept = headers["accept"]
  return accept !== undefined && accept.toLowerCase().includes(type)
}

export const wantsHtml = (headers: Headers): boolean => names(headers, "text/html")

export const wantsPrometheus = (headers: Headers): boolean =>
  names(headers, "text/plain") || names(headers, "application/openmetrics-text")

export const wantsEventStream = (headers: Headers): boolean => names(headers, "text/event-stream")
