// How the process that runs a WebAssembly module marks the line that holds what its function gave back.

export const resultMark = "annalist-result "
