// Where on the page the reader is: the part of the address behind "#". The moment stands in the query, so that links keep it.

export const viewNames = ["overview", "processes", "collectives", "flows", "log"] as const
export type ViewName = (typeof viewNames)[number]

export interface Place {
  readonly view: ViewName
  /** What of the view: the id of a process, the position of an event. */
  readonly path: ReadonlyArray<string>
  /** How it is looked at: filters, a chosen communicator. */
  readonly query: Readonly<Record<string, string>>
}

export const overview: Place = { view: "overview", path: [], query: {} }

const isView = (name: string): name is ViewName => (viewNames as ReadonlyArray<string>).includes(name)

/** An address that names no view is the overview. */
export const placeOf = (hash: string): Place => {
  const [route = "", query = ""] = hash.replace(/^#?\/?/, "").split("?", 2)
  const [name = "", ...path] = route.split("/").map(decoded)
  if (!isView(name)) return overview
  return {
    view: name,
    path: path.filter((part) => part !== ""),
    query: Object.fromEntries(new URLSearchParams(query)),
  }
}

const decoded = (part: string): string => {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}

export const hashOf = ({ view, path, query }: Place): string => {
  const route = [view, ...path.map(encodeURIComponent)].join("/")
  const text = new URLSearchParams(query).toString()
  return `#/${route}${text === "" ? "" : `?${text}`}`
}

/** The same place with other ways of looking at it; an empty one goes. */
export const withQuery = (place: Place, more: Readonly<Record<string, string>>): Place => ({
  ...place,
  query: Object.fromEntries(Object.entries({ ...place.query, ...more }).filter(([, value]) => value !== "")),
})

export const placeAt = (view: ViewName, ...path: ReadonlyArray<string>): Place => ({ view, path, query: {} })
