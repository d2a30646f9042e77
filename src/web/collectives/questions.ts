// What the collectives' view asks, of one group of ranks or of all.

import type {
  CommunicatorsAnswer,
  MatrixAnswer,
  RanksAnswer,
  StatisticsAnswer,
  WaitsAnswer,
} from "../../wire/verdict.ts"
import { question } from "../Question.ts"

export const communicatorsAsked = question<typeof CommunicatorsAnswer.Type>("v1/ccl/communicators", {}, 5_000)
export const ranksAsked = (communicator: string) =>
  question<typeof RanksAnswer.Type>("v1/ccl/ranks", { communicator }, 3_000)
export const waitsAsked = (communicator: string) =>
  question<typeof WaitsAnswer.Type>("v1/ccl/waits", { communicator }, 2_000)
export const matrixAsked = (communicator: string) =>
  question<typeof MatrixAnswer.Type>("v1/ccl/matrix", { communicator }, 5_000)
export const statisticsAsked = (communicator: string) =>
  question<typeof StatisticsAnswer.Type>("v1/ccl/statistics", { communicator }, 5_000)
