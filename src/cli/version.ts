// The version of this build, as the package names it; written in by the bundler.

declare const __ANNALIST_VERSION__: string

export const version: string = __ANNALIST_VERSION__
