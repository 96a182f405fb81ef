import type { ChartConfiguration, ChartDataset } from 'chart.js'
import type { ChartTone, Palette } from './palette.ts'

/** What a chart of lines shows, and how Chart.js is told. */

export interface ChartPoint {
  readonly x: number
  /** Null: nobody knows; the line has a gap there. */
  readonly y: number | null
}

export interface ChartLine {
  readonly label: string
  readonly tone: ChartTone
  readonly points: readonly ChartPoint[]
  /** What is expected, not what was. */
  readonly isDashed?: boolean
  /** Tells it apart from its neighbours without its colour. */
  readonly isDotted?: boolean
  readonly isFilled?: boolean
}

/** A line across the whole chart: what must not be passed. */
export interface ChartLimit {
  readonly label: string
  readonly tone: ChartTone
  readonly at: number
}

export interface ChartContent {
  readonly lines: readonly ChartLine[]
  readonly limits: readonly ChartLimit[]
  readonly formatX: (x: number) => string
  readonly formatY: (y: number) => string
  /** A small drawing beside a figure: the lines and nothing else. */
  readonly isCompact: boolean
  /** Up to where the axis reaches at least. */
  readonly yTop: number | null
  readonly xEnd: number | null
}

const DASHES = [6, 4]
const LIMIT_DASHES = [2, 3]
/** In letters: charts that stand above each other begin at the same place. */
const Y_AXIS_LETTERS = 4.5

type LineConfiguration = ChartConfiguration<'line', { x: number; y: number }[]>

/** The stretch from the first point to the last, or to where the axis has to reach; null without a point. */
export function xRange({ lines, xEnd }: Pick<ChartContent, 'lines' | 'xEnd'>): readonly [number, number] | null {
  const all = lines.flatMap(({ points }) => points.map(({ x }) => x))
  if (all.length === 0) return null
  let [from, until] = [Number.POSITIVE_INFINITY, xEnd ?? Number.NEGATIVE_INFINITY]
  for (const x of all) {
    from = Math.min(from, x)
    until = Math.max(until, x)
  }
  return [from, until]
}

/** Every x at which something is known, in order. */
export const momentsOf = (lines: readonly ChartLine[]): number[] =>
  [...new Set(lines.flatMap(({ points }) => points.flatMap(({ x, y }) => (y === null ? [] : [x]))))].sort((a, b) => a - b)

/** `14:23: Spent $5.29, Projected $23.00`: one moment, in words. */
export function readingAt({ lines, formatX, formatY }: Pick<ChartContent, 'lines' | 'formatX' | 'formatY'>, x: number): string {
  const parts = lines.flatMap(({ label, points }) => {
    const y = points.find((point) => point.x === x)?.y ?? null
    return y === null ? [] : [`${label} ${formatY(y)}`]
  })
  return `${formatX(x)}: ${parts.join(', ')}`
}

export function lineConfiguration(content: ChartContent, palette: Palette): LineConfiguration {
  const { lines, limits, formatX, formatY, isCompact, yTop } = content
  const range = xRange(content)
  const font = { family: palette.fontFamily, size: palette.fontSize }
  const ticks = { color: palette.text, font, maxRotation: 0, autoSkipPadding: 12 }
  return {
    type: 'line',
    data: { datasets: [...lines.map((line) => lineDataset(line, palette, isCompact)), ...(range === null ? [] : limits.map((limit) => limitDataset(limit, range, palette)))] },
    options: {
      // A line that glides says nothing that the line itself does not.
      animation: false,
      responsive: true,
      maintainAspectRatio: false,
      parsing: false,
      normalized: true,
      spanGaps: false,
      events: isCompact ? [] : ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
      interaction: { mode: 'nearest', axis: 'x', intersect: false },
      layout: { padding: isCompact ? 2 : { top: 6, right: 6 } },
      scales: {
        x: {
          type: 'linear',
          display: !isCompact,
          bounds: 'data',
          min: range?.[0],
          max: range?.[1],
          border: { color: palette.grid },
          grid: { display: false },
          ticks: { ...ticks, maxTicksLimit: 6, callback: (value) => formatX(Number(value)) },
        },
        y: {
          type: 'linear',
          display: !isCompact,
          beginAtZero: true,
          suggestedMax: Math.max(yTop ?? 0, ...limits.map(({ at }) => at)) || undefined,
          border: { display: false },
          grid: { color: palette.grid },
          afterFit: (axis) => {
            if (!isCompact) axis.width = Math.max(axis.width, Y_AXIS_LETTERS * palette.fontSize)
          },
          ticks: { ...ticks, maxTicksLimit: 5, callback: (value) => formatY(Number(value)) },
        },
      },
      plugins: {
        tooltip: {
          enabled: !isCompact,
          animation: false,
          backgroundColor: palette.surface,
          borderColor: palette.grid,
          borderWidth: 1,
          titleColor: palette.text,
          bodyColor: palette.text,
          titleFont: font,
          bodyFont: font,
          padding: 8,
          boxPadding: 4,
          usePointStyle: true,
          filter: ({ datasetIndex }) => datasetIndex < lines.length,
          callbacks: {
            title: ([first]) => (first ? formatX(first.parsed.x ?? 0) : ''),
            label: ({ datasetIndex, parsed }) => `${lines[datasetIndex]?.label ?? ''}  ${parsed.y === null ? '' : formatY(parsed.y)}`,
          },
        },
      },
    },
  }
}

type LineDataset = ChartDataset<'line', { x: number; y: number }[]>

function lineDataset({ label, tone, points, isDashed = false, isDotted = false, isFilled = false }: ChartLine, palette: Palette, isCompact: boolean): LineDataset {
  const color = palette.tones[tone]
  const fill = isFilled ? `color-mix(in oklab, ${color} 16%, transparent)` : 'transparent'
  return {
    label,
    data: points.map(({ x, y }) => ({ x, y: y ?? Number.NaN })),
    borderColor: color,
    backgroundColor: fill,
    hoverBorderColor: color,
    hoverBackgroundColor: fill,
    borderWidth: isCompact ? 1.5 : 2,
    borderDash: isDashed ? DASHES : isDotted ? LIMIT_DASHES : [],
    borderJoinStyle: 'round',
    fill: isFilled ? 'origin' : false,
    // A single point is no line: it has to be seen all the same.
    pointRadius: points.length === 1 ? 2.5 : 0,
    pointHoverRadius: 4,
    pointBackgroundColor: color,
    pointBorderColor: color,
    pointHoverBackgroundColor: color,
    pointHoverBorderColor: palette.surface,
  }
}

function limitDataset({ label, tone, at }: ChartLimit, [from, until]: readonly [number, number], palette: Palette): LineDataset {
  const color = palette.tones[tone]
  return {
    label,
    data: [
      { x: from, y: at },
      { x: until, y: at },
    ],
    borderColor: color,
    backgroundColor: 'transparent',
    hoverBorderColor: color,
    hoverBackgroundColor: 'transparent',
    borderWidth: 1.5,
    borderDash: LIMIT_DASHES,
    fill: false,
    pointRadius: 0,
    pointHoverRadius: 0,
    pointHitRadius: 0,
  }
}
