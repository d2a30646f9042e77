// The tasks, how they stand, and what they use.

import * as TaskMetrics from "../domain/tasks/TaskMetrics.ts"
import type { Projection } from "./Projection.ts"

export const taskMetrics: Projection<TaskMetrics.TaskMetrics> = {
  name: "tasks",
  version: 2,
  initial: TaskMetrics.initial,
  evolve: TaskMetrics.evolve,
  copy: TaskMetrics.copy,
}
