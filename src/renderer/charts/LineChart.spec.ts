// @vitest-environment happy-dom
import { mount } from '@vue/test-utils'
import { describe, expect, it } from 'vitest'
import { formatMoney } from '../../shared/format.ts'
import LineChart from './LineChart.vue'
import { lineConfiguration, readingAt, xRange, type ChartContent } from './lineChart.ts'
import type { Palette } from './palette.ts'

const PALETTE: Palette = {
  tones: { good: 'green', info: 'blue', caution: 'orange', bad: 'red', calm: 'grey', primary: 'indigo' },
  text: 'black',
  grid: 'silver',
  surface: 'white',
  fontFamily: 'sans-serif',
  fontSize: 11,
}

const CONTENT: ChartContent = {
  lines: [
    { label: 'Spent', tone: 'primary', isFilled: true, points: [{ x: 0, y: 0 }, { x: 1, y: 2_000_000_000 }, { x: 2, y: null }, { x: 3, y: 5_290_000_000 }] },
    { label: 'Projected', tone: 'calm', isDashed: true, points: [{ x: 3, y: 5_290_000_000 }, { x: 9, y: 23_000_000_000 }] },
  ],
  limits: [{ label: '90%', tone: 'caution', at: 45_000_000_000 }],
  formatX: (x) => `lead ${x}`,
  formatY: formatMoney,
  isCompact: false,
  yTop: null,
  xEnd: null,
}
const configure = (changes: Partial<ChartContent> = {}) => lineConfiguration({ ...CONTENT, ...changes }, PALETTE)

describe('a chart of lines', () => {
  it('draws what was as a line, what is expected as a dashed one, and a limit from edge to edge', () => {
    const { datasets } = configure().data
    expect(datasets.map(({ label, borderDash, borderColor }) => [label, borderDash, borderColor])).toEqual([
      ['Spent', [], 'indigo'],
      ['Projected', [6, 4], 'grey'],
      ['90%', [2, 3], 'orange'],
    ])
    expect(datasets[2]?.data).toEqual([{ x: 0, y: 45_000_000_000 }, { x: 9, y: 45_000_000_000 }])
  })

  it('leaves a gap where nobody knows, and shows a point that stands alone', () => {
    expect(configure().data.datasets[0]?.data[2]).toEqual({ x: 2, y: Number.NaN })
    const alone = configure({ lines: [{ label: 'Spent', tone: 'primary', points: [{ x: 0, y: 1 }] }] })
    expect(alone.data.datasets[0]?.pointRadius).toBeGreaterThan(0)
    expect(configure().data.datasets[0]?.pointRadius).toBe(0)
  })

  it('reaches as far as it is told, and has room for every limit', () => {
    expect(xRange({ lines: CONTENT.lines, xEnd: 20 })).toEqual([0, 20])
    expect(xRange({ lines: [], xEnd: 20 })).toBeNull()
    expect(configure().options?.scales?.y).toMatchObject({ suggestedMax: 45_000_000_000, beginAtZero: true })
    expect(configure({ yTop: 50_000_000_000 }).options?.scales?.y).toMatchObject({ suggestedMax: 50_000_000_000 })
  })

  it('begins at the same place as one above it, whatever its figures are', () => {
    const axis = { width: 12 }
    configure().options?.scales?.y?.afterFit?.call({} as never, axis as never)
    expect(axis.width).toBeGreaterThan(40)
    const small = { width: 0 }
    configure({ isCompact: true }).options?.scales?.y?.afterFit?.call({} as never, small as never)
    expect(small.width).toBe(0)
  })

  it('does not move, and is only its lines where it is small', () => {
    expect(configure().options?.animation).toBe(false)
    expect(configure({ isCompact: true }).options).toMatchObject({ events: [], scales: { x: { display: false }, y: { display: false } }, plugins: { tooltip: { enabled: false } } })
  })

  it('reads a moment as words, of the lines that know it', () => {
    expect(readingAt(CONTENT, 3)).toBe('lead 3: Spent $5.29, Projected $5.29')
    expect(readingAt(CONTENT, 9)).toBe('lead 9: Projected $23.00')
  })

  it('says what it shows, names every line beside its sign, and is read with the arrow keys', async () => {
    const wrapper = mount(LineChart, { props: { label: 'Spent over time', summary: '$5.29 of $50.00.', ...CONTENT } })
    const drawing = wrapper.get('[role="img"]')
    expect(drawing.attributes('aria-label')).toBe('Spent over time. $5.29 of $50.00. Arrow keys read its points.')
    for (const word of ['Spent', 'Projected', '90%']) expect(wrapper.get('figcaption').text()).toContain(word)
    const reading = (): string => wrapper.get('[aria-live]').text()
    const press = (key: string): Promise<void> => drawing.trigger('keydown', { key })
    await press('ArrowLeft')
    expect(reading()).toBe('lead 9: Projected $23.00')
    await press('ArrowLeft')
    await press('ArrowLeft')
    // Nothing is known of the moment in between.
    expect(reading()).toBe('lead 1: Spent $2.00')
    await press('Home')
    await press('ArrowLeft')
    expect(reading()).toBe('lead 0: Spent $0.00')
    await drawing.trigger('blur')
    expect(reading()).toBe('')
  })

  it('is no stop for the keyboard where it is small', () => {
    const wrapper = mount(LineChart, { props: { label: 'Throughput', summary: '212 leads/hour.', ...CONTENT, isCompact: true } })
    expect(wrapper.get('[role="img"]').attributes('tabindex')).toBeUndefined()
    expect(wrapper.find('figcaption').exists()).toBe(false)
  })
})
