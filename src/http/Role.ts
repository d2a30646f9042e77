// Who may do what: each role may do all that the roles before it may.

export const roles = ["anyone", "viewer", "operator", "admin"] as const
export type Role = (typeof roles)[number]

export const allows = (held: Role, needed: Role): boolean => roles.indexOf(held) >= roles.indexOf(needed)

export const isRole = (value: unknown): value is Role => roles.some((role) => role === value)
