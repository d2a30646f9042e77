// The page over much: a timeline of a million operations that is dragged about.

import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, expect } from "vitest"
import type { OperationAnswer } from "../../src/web/collectives/tracks.ts"
import { wants } from "../support/wants.ts"
import { launch, open } from "./browser.ts"
import { firstAt, headAt, healthy, state } from "./given.ts"
import { recorded } from "./recorded.ts"
import { stub, type Answering } from "./stub.ts"

const { describe, it } = wants("chromium")
const ranks = 8
const operations = 125_000
const first = Date.parse(firstAt) * 1000
const every = ((Date.parse(headAt) * 1000 - first) / operations) | 0

/** The n-th of as many operations as make a million parts, each with somebody who comes last. */
const operation = (ordinal: number): OperationAnswer => {
  const begun = first + ordinal * every
  const starts = Array.from({ length: ranks }, (_, rank) => begun + ((rank * 7 + ordinal) % ranks) * 300)
  const last = Math.max(...starts)
  return {
    communicator: "world",
    ordinal,
    op: "allreduce",
    filename: "train.py:77",
    remote_rank: null,
    bytes: 4096,
    start_micros: begun,
    end_micros: last + 4_000,
    ranks: starts.map((_, rank) => rank),
    starts_micros: starts,
    ends_micros: starts.map(() => last + 4_000),
    waits_micros: starts.map((start) => last - start),
    present: ranks,
    finished: ranks,
    transfer_micros: 4_000,
    skew_micros: 2_100,
    end_skew_micros: 0,
    wait_ratio: 0.3,
    bottleneck: true,
    last_rank: 0,
    clocks_disagree: false,
    root_micros: null,
    bus_gb_per_second_of_transfer: 1,
    bus_gb_per_second_of_wall: 1,
    first_position: ordinal * 16 + 1,
    last_position: ordinal * 16 + 16,
  }
}

const numbered = (from: string | null, otherwise: number): number =>
  from === null ? otherwise : Math.min(operations, Math.max(0, Math.floor((Date.parse(from) * 1000 - first) / every)))

const manyOperations = (query: URLSearchParams): unknown => {
  const [from, to] = [numbered(query.get("from"), operations - 1_250), numbered(query.get("to"), operations)]
  const range = { position: 1000, from: 1, to: 1000 }
  const resolution = query.get("resolution")
  if (resolution === null) {
    const wanted = Array.from({ length: Math.min(10_000, to - from) }, (_, index) => operation(from + index))
    return { ...range, next: null, operations: wanted }
  }
  const micros = Number(resolution) * 1e6
  const slices = Array.from({ length: Math.ceil(((to - from) * every) / micros) }, (_, slice) => slice)
  const tracks = Array.from({ length: ranks }, (_, rank) => ({
    communicator: "world",
    rank,
    slices,
    operations: slices.map(() => Math.round(micros / every)),
    busy_micros: slices.map((slice) => micros * (0.3 + 0.6 * Math.abs(Math.sin(slice + rank)))),
    worst_wait_micros: slices.map((slice) => micros * 0.2 * Math.abs(Math.cos(slice * rank))),
    longest_micros: slices.map(() => 6_000),
    longest_position: slices.map(() => 1),
  }))
  return { ...range, first_micros: first + from * every, slice_micros: micros, tracks }
}

const answering: Answering = (path, at, query) => {
  switch (path) {
    case "/v1/ccl/operations":
      return { body: manyOperations(query) }
    case "/v1/ccl/verdict":
      return { body: healthy() }
    case "/v1/ccl/communicators":
      return {
        body: {
          position: 1000,
          communicators: [
            {
              id: "world",
              run_id: null,
              comm_id: "world",
              size: ranks,
              ranks_reporting: ranks,
              collectives: operations,
              settled: operations,
              disagreements: 0,
              approximate: false,
              loss_percent: 0,
            },
          ],
        },
      }
    case "/v1/ccl/ranks":
      return { body: { position: 1000, ranks: [] } }
    case "/v1/ccl/waits":
      return { body: { position: 1000, waits: [] } }
    case "/v1/ccl/matrix":
      return { body: { position: 1000, pairs: [] } }
    case "/v1/ccl/statistics":
      return {
        body: { position: 1000, relative_error: 0.01, groups: [], regressions: [], lost_by_file: [], lost_by_host: [] },
      }
    case "/v1/state":
      return { body: state({ source: "file", read_only: true }) }
    default:
      return recorded(path, at, query)
  }
}

/** Drags to and fro and answers how long each frame took, ms, in order of length. */
const framesWhileDragging = async (page: Page): Promise<ReadonlyArray<number>> => {
  const box = await page.locator(".timeline canvas").boundingBox()
  if (box === null) throw new Error("the timeline has no place on the page")
  await page.evaluate(`(() => {
    window.frames_ = []
    let last = performance.now()
    const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick) }
    requestAnimationFrame(tick)
  })()`)
  const middle = box.y + box.height / 2
  await page.mouse.move(box.x + box.width / 2, middle)
  await page.mouse.down()
  for (let step = 0; step < 240; step++)
    await page.mouse.move(box.x + box.width / 2 + 300 * Math.sin(step / 12), middle)
  await page.mouse.up()
  const frames = await page.evaluate<ReadonlyArray<number>>("window.frames_")
  return frames.slice(2).toSorted((one, other) => one - other)
}
const p95 = (sorted: ReadonlyArray<number>): number => sorted[Math.floor(sorted.length * 0.95)] ?? Number.NaN

describe("the page over much", () => {
  let browser: Browser
  beforeAll(async () => {
    browser = await launch()
  })
  afterAll(() => browser?.close())

  it("drags a timeline of a million operations at 50 frames a second and more, singly and in slices", async () => {
    const agent = await stub(answering)
    const tab = await open(browser, `${agent.url}#/collectives`)
    await tab.page.locator(".timeline-table tbody tr").first().waitFor()
    const singly = await framesWhileDragging(tab.page)
    await tab.page.getByRole("button", { name: "All", exact: true }).click()
    await tab.page.getByText("in slices of").waitFor()
    for (let turn = 0; turn < 2; turn++) await tab.page.getByRole("button", { name: "Zoom in" }).click()
    const inSlices = await framesWhileDragging(tab.page)
    process.stdout.write(
      `frames while dragging, p95: ${p95(singly).toFixed(1)} ms singly, ${p95(inSlices).toFixed(1)} ms in slices\n`,
    )
    expect(tab.errors).toEqual([])
    expect(p95(singly)).toBeLessThanOrEqual(20)
    expect(p95(inSlices)).toBeLessThanOrEqual(20)
    await tab.close()
    await agent.close()
  }, 120_000)
})
