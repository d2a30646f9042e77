// The names and origins that the agent answers for: a page elsewhere that points its own name at this address gets nothing.

export interface HostSettings {
  /** Names by which the agent's own listeners are reached; every own port of them counts. */
  readonly ownNames: ReadonlyArray<string>
  readonly ownScheme: "http" | "https"
  /** "agent.example" (any port) or "agent.example:8080". */
  readonly allowedHosts: ReadonlyArray<string>
  /** "https://console.example", as a browser spells it. */
  readonly allowedOrigins: ReadonlyArray<string>
}

export class Hosts {
  private readonly settings: HostSettings
  /** Grows while the listeners come up: a port of 0 is known only then. */
  private readonly authorities = new Set<string>()
  private readonly ownOrigins = new Set<string>()
  private readonly ports: Array<number> = []
  private readonly configuredHosts: ReadonlySet<string>
  private readonly configuredOrigins: ReadonlySet<string>

  constructor(settings: HostSettings) {
    this.settings = settings
    this.configuredHosts = new Set(settings.allowedHosts.map(lower))
    this.configuredOrigins = new Set(settings.allowedOrigins.map((origin) => lower(origin).replace(/\/$/, "")))
    for (const name of settings.ownNames) this.authorities.add(bracketed(name))
  }

  addPort(port: number): void {
    const { ownNames, ownScheme } = this.settings
    this.ports.push(port)
    for (const name of ownNames) {
      this.authorities.add(`${bracketed(name)}:${port}`)
      this.ownOrigins.add(`${ownScheme}://${bracketed(name)}:${port}`)
      if (port === (ownScheme === "http" ? 80 : 443)) this.ownOrigins.add(`${ownScheme}://${bracketed(name)}`)
    }
  }

  allowsHost(authority: string): boolean {
    if (this.authorities.has(authority)) return true
    const name = lower(authority)
    return this.authorities.has(name) || this.configuredHosts.has(name) || this.configuredHosts.has(withoutPort(name))
  }

  allowsOrigin(origin: string): boolean {
    return this.ownOrigins.has(origin) || this.isConfigured(origin)
  }

  isConfigured(origin: string): boolean {
    return this.configuredOrigins.has(lower(origin))
  }

  /** For messages: where a refused client would have been right. */
  example(): string {
    return `${bracketed(this.settings.ownNames[0] ?? "localhost")}:${this.ports[0] ?? 8080}`
  }
}

const lower = (text: string): string => text.toLowerCase()
const bracketed = (name: string): string => (name.includes(":") ? `[${lower(name)}]` : lower(name))
const withoutPort = (authority: string): string => authority.replace(/:\d{1,5}$/, "")
