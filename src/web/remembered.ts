// Answers about past moments, kept: the past does not change, so dragging back over it asks nothing twice.

import type { Agent, Outcome } from "./answers.ts"

const most = 400

/** A position or a time names one moment for ever; a span back, or the present, does not. */
const isFixed = (at: string | null): at is string => at !== null && /^\d/.test(at)

/** `logId` says which log the answers are about: an agent started on other data answers differently. */
export const remembering = (agent: Agent, logId: () => string | null): Agent => {
  const kept = new Map<string, Promise<Outcome<unknown>>>()
  const keep = (key: string, asked: Promise<Outcome<unknown>>) => {
    kept.set(key, asked)
    const oldest = kept.size > most ? kept.keys().next().value : undefined
    if (oldest !== undefined) kept.delete(oldest)
  }
  return {
    ...agent,
    ask: (question, at) => {
      if (!isFixed(at)) return agent.ask(question, at)
      const key = `${logId()} ${at} ${question.url}`
      const known = kept.get(key) as ReturnType<typeof agent.ask<NonNullable<typeof question.answer>>> | undefined
      if (known !== undefined) {
        kept.delete(key)
        keep(key, known)
        return known
      }
      const asked = agent.ask(question, at)
      keep(key, asked)
      void asked.then((outcome) => {
        if (outcome._tag !== "Answered") kept.delete(key)
      })
      return asked
    },
  }
}
