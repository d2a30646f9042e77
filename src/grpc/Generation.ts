// Which generation of drunc is spoken to: their flags have other numbers, and their boot answers in another type.

export type Generation = "documented" | "0.8" | "0.8.2"

export type Flag =
  | "EXECUTED_SUCCESSFULLY"
  | "FAILED"
  | "NOT_EXECUTED_NOT_AUTHORISED"
  | "DRUNC_EXCEPTION_THROWN"
  | "UNHANDLED_EXCEPTION_THROWN"
  | "NOT_EXECUTED_BAD_REQUEST_FORMAT"

const numbers: Readonly<Record<Flag, number>> = {
  EXECUTED_SUCCESSFULLY: 0,
  FAILED: 1,
  NOT_EXECUTED_NOT_AUTHORISED: 4,
  DRUNC_EXCEPTION_THROWN: 6,
  UNHANDLED_EXCEPTION_THROWN: 7,
  NOT_EXECUTED_BAD_REQUEST_FORMAT: 8,
}

/** 0.8 did not know NODE_IN_ERROR (5): what stands behind it was one lower. */
export const numberOf = (flag: Flag, generation: Generation): number =>
  generation === "0.8" && numbers[flag] > 5 ? numbers[flag] - 1 : numbers[flag]

/** Whether `boot` and `restart` answer one ProcessInstance, not a list of one. */
export const answersOne = (generation: Generation): boolean => generation !== "documented"
