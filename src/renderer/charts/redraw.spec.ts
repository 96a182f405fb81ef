// @vitest-environment happy-dom
import { flushPromises, mount } from '@vue/test-utils'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import LineChart from './LineChart.vue'

/** What Chart.js was last given, each time it drew; a page without a canvas cannot have it draw. */
const drawn: number[][] = []

vi.mock('./chartLibrary.ts', () => ({
  Chart: class {
    data: { datasets: { data: { y: number }[] }[] }
    options: unknown
    constructor(_context: unknown, { data }: { data: { datasets: { data: { y: number }[] }[] } }) {
      this.data = data
      this.update()
    }
    update(): void {
      drawn.push(this.data.datasets[0]?.data.map(({ y }) => y) ?? [])
    }
    destroy(): void {
      drawn.push([])
    }
  },
}))

beforeEach(() => {
  drawn.length = 0
  vi.useFakeTimers()
  vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue({} as never)
})
afterEach(() => {
  vi.useRealTimers()
  vi.restoreAllMocks()
})

const upTo = (last: number) => ({ lines: [{ label: 'Done', tone: 'primary' as const, points: Array.from({ length: last }, (_, at) => ({ x: at, y: at + 1 })) }] })

it('a chart of what changes with every event is drawn a few times a second, and ends with the latest', async () => {
  const wrapper = mount(LineChart, { props: { label: 'Done', summary: '', formatX: String, formatY: String, ...upTo(1) } })
  await flushPromises()
  expect(drawn).toEqual([[1]])
  const timersOfThePage = vi.getTimerCount()
  for (let last = 2; last <= 6; last++) await wrapper.setProps(upTo(last))
  expect(drawn).toEqual([[1], [1, 2]])
  vi.advanceTimersByTime(1_000)
  expect(drawn.slice(2)).toEqual([[1, 2, 3, 4, 5, 6]])
  await wrapper.setProps(upTo(7))
  await wrapper.setProps(upTo(8))
  wrapper.unmount()
  expect(vi.getTimerCount()).toBe(timersOfThePage)
  vi.advanceTimersByTime(1_000)
  // The last is its end: nothing is drawn on a canvas that is gone.
  expect(drawn.at(-1)).toEqual([])
})
