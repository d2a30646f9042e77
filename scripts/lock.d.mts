/** The optional platform builds that packages of the lock name and the lock itself does not hold. */
export const missingBuilds: (lock: unknown) => ReadonlyMap<string, unknown>
