import type { PerformancePoint } from '../../shared/domain/report.ts'
import { formatTokens } from '../../shared/format.ts'
import { formatSeconds } from '../../shared/formatPerformance.ts'
import type { ChartLine, ChartPoint } from '@/charts/lineChart.ts'

/** The lines that an agent's work draws. */

type Figure = Exclude<keyof PerformancePoint, 'at'>

const pointsOf = (points: readonly PerformancePoint[], figure: Figure): ChartPoint[] => points.map((point) => ({ x: point.at, y: point[figure] }))

export function rateLine(points: readonly PerformancePoint[], unit: string): ChartLine {
  return { label: `${unit}s/hour`, tone: 'primary', isFilled: true, points: pointsOf(points, 'perHour') }
}

/** Told apart by how they are drawn, not by their colours alone. */
export function latencyLines(points: readonly PerformancePoint[]): ChartLine[] {
  return [
    { label: 'P50', tone: 'calm', isDotted: true, points: pointsOf(points, 'p50') },
    { label: 'P95', tone: 'primary', points: pointsOf(points, 'p95') },
    { label: 'P99', tone: 'caution', isDashed: true, points: pointsOf(points, 'p99') },
  ]
}

/** Along an axis, where nothing has no unit. */
export const formatLength = (lengthMs: number): string => (lengthMs === 0 ? '0' : formatSeconds(lengthMs))

export const formatRate = (perHour: number): string => formatTokens(Math.round(perHour))
