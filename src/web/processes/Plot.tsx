// A history as curves: drag across to zoom, double-click for all of it, click to go to a moment.

import "uplot/dist/uPlot.min.css"
import "../styles/plot.css"
import { useEffect, useRef } from "preact/hooks"
import uPlot from "uplot"
import type { Choose } from "../Choose.ts"
import { clockIn } from "../format.ts"

export interface Series {
  readonly name: string
  /** Seconds since the epoch, and the value. */
  readonly points: ReadonlyArray<readonly [number, number]>
}

interface Props {
  readonly title: string
  readonly series: ReadonlyArray<Series>
  readonly say: (value: number) => string
  readonly choose: Choose
}

/** One time axis for all; where a series has no point there, it has none. */
const aligned = (series: ReadonlyArray<Series>): uPlot.AlignedData => {
  const times = [...new Set(series.flatMap(({ points }) => points.map(([at]) => at)))].sort((one, other) => one - other)
  const columns = series.map(({ points }) => {
    const byTime = new Map(points)
    return times.map((at) => byTime.get(at))
  })
  return [times, ...columns]
}

const colours = ["--move", "--wait", "--good", "--break", "--bad", "--faint"]
const high = 150

const optionsOf = (element: HTMLElement, { title, series, say }: Props): uPlot.Options => {
  const style = getComputedStyle(element)
  const colour = (name: string) => style.getPropertyValue(name).trim()
  const font = `12px ${style.fontFamily}`
  const axis = { stroke: colour("--faint"), font, ticks: { show: false }, grid: { stroke: colour("--line"), width: 1 } }
  const clock = clockIn()
  const timeOf = (at: number, splits: ReadonlyArray<number>) =>
    clock.time(at * 1000).slice(0, (splits[1] ?? 0) - (splits[0] ?? 0) < 60 ? 8 : 5)
  return {
    width: element.clientWidth,
    height: high,
    title,
    legend: { show: series.length > 1, live: false },
    cursor: { points: { size: 6 }, drag: { x: true, y: false } },
    scales: { x: { time: true }, y: { range: (_, __, most) => [0, Math.max(most * 1.1, 1)] } },
    axes: [
      { ...axis, space: 70, values: (_, splits) => splits.map((at) => timeOf(at, splits)) },
      { ...axis, size: 70, values: (_, splits) => splits.map(say) },
    ],
    series: [
      { value: (_, at) => (at === null ? "" : clock.dayAndTime(at * 1000)) },
      ...series.map(({ name }, index) => ({
        label: name,
        stroke: colour(colours[index % colours.length] ?? "--ink"),
        width: 1.5,
        spanGaps: true,
        points: { show: false },
        value: (_: uPlot, value: number | null) => (value === null ? "" : say(value)),
      })),
    ],
  }
}

export const Plot = (props: Props) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const names = props.series.map(({ name }) => name).join("\n")

  useEffect(() => {
    const element = place.current
    if (element === null) return
    const made = new uPlot(optionsOf(element, latest.current), aligned(latest.current.series), element)
    plot.current = made
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: high }))
    observer.observe(element)
    const onClick = () => {
      const at = made.data[0][made.cursor.idx ?? -1]
      if (at !== undefined && made.select.width < 2) latest.current.choose(new Date(at * 1000).toISOString())
    }
    made.over.addEventListener("click", onClick)
    return () => {
      observer.disconnect()
      made.destroy()
    }
  }, [names])

  useEffect(() => {
    const made = plot.current
    // A zoomed plot stays where it is looked at.
    const isWhole = made === null || made.data[0].length === 0 || made.scales["x"]?.max === made.data[0].at(-1)
    made?.setData(aligned(props.series), isWhole)
  }, [props.series.map(({ points }) => `${points.length} ${points.at(-1)?.[0] ?? 0}`).join()])

  return <div ref={place} class="plot" role="img" aria-label={spoken(props)} />
}

const spoken = ({ title, series, say }: Props): string => {
  const told = series.map(({ name, points }) => {
    const values = points.map(([, value]) => value)
    const most = values.reduce((one, other) => Math.max(one, other), 0)
    return `${name}: latest ${say(values.at(-1) ?? 0)}, at most ${say(most)}`
  })
  return `${title} over time. ${told.join("; ")}`
}
