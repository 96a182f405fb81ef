// @vitest-environment happy-dom
import { mount, type VueWrapper } from '@vue/test-utils'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { EventLine } from '../../shared/domain/eventFilter.ts'
import LogList from './LogList.vue'

const AT = new Date(2026, 10, 21, 14, 23, 45).getTime()
const ROW = 24
const lineAt = (index: number, changes: Partial<EventLine> = {}): EventLine => ({ seq: index + 1, at: AT, severity: 'WARN', agentId: 'lg-7a3f9c2d', name: 'log.written', message: `line ${index}`, ...changes })
const lines = new Map<number, EventLine>()
const line = (index: number): EventLine => lines.get(index) ?? lines.set(index, lineAt(index)).get(index)!

type Props = InstanceType<typeof LogList>['$props']
async function setUp(changes: Partial<Props> = {}): Promise<VueWrapper> {
  const wrapper = mount(LogList, {
    attachTo: document.body,
    props: { count: 100_000, line, revision: 1, era: 1, unfolded: [], words: [], isWide: true, isOfAll: false, isStopped: false, fresh: 0, ...changes },
    slots: { details: '<p>the whole event</p>' },
  })
  const { element } = wrapper.find('[role="group"]')
  Object.defineProperty(element, 'scrollHeight', { configurable: true, get: () => Number.parseFloat((element.querySelector<HTMLElement>('div.relative')?.style.height ?? '0').replace('px', '')) })
  window.dispatchEvent(new Event('resize'))
  await wrapper.vm.$nextTick()
  await wrapper.vm.$nextTick()
  return wrapper
}
const scrollerOf = (wrapper: VueWrapper): HTMLElement => wrapper.find('[role="group"]').element as HTMLElement
async function scrollTo(wrapper: VueWrapper, top: number): Promise<void> {
  scrollerOf(wrapper).scrollTop = top
  await wrapper.find('[role="group"]').trigger('scroll')
}
const drawn = (wrapper: VueWrapper): number[] => wrapper.findAll('li').map((one) => Number(one.attributes('data-row')))

beforeEach(() => {
  vi.spyOn(HTMLElement.prototype, 'clientHeight', 'get').mockReturnValue(10 * ROW)
  vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockReturnValue(ROW)
})
afterEach(() => {
  vi.restoreAllMocks()
  document.body.innerHTML = ''
})

describe('the list of events', () => {
  it('writes time, severity in a word, and what happened', async () => {
    const wrapper = await setUp({ count: 1 })
    expect(wrapper.find('li').text().replace(/\s+/g, ' ')).toBe('[14:23:45] WARN line 0 log.written')
  })

  it('marks what happened to the room itself, and says whose events they are where they are of all', async () => {
    const wrapper = await setUp({ count: 1, line: () => lineAt(0, { agentId: null }) })
    expect(wrapper.find('li').text()).toContain('room')
    await wrapper.setProps({ isOfAll: true, line: () => lineAt(0) })
    expect(wrapper.find('li').text()).toContain('lg-7a3f9c2d')
  })

  it('begins at its end, draws what is in sight, and asks for it', async () => {
    const wrapper = await setUp()
    expect(scrollerOf(wrapper).scrollTop).toBe(100_000 * ROW)
    await scrollTo(wrapper, 50_000 * ROW)
    expect([drawn(wrapper).includes(50_000), drawn(wrapper).includes(50_009), drawn(wrapper).length < 40]).toEqual([true, true, true])
    expect(wrapper.emitted('want')?.at(-1)).toEqual([49_992, 50_023])
  })

  it('stays where somebody reads, says how many are new, and leads back', async () => {
    const wrapper = await setUp()
    await scrollTo(wrapper, 50_000 * ROW)
    await wrapper.setProps({ count: 100_012, revision: 2 })
    expect(scrollerOf(wrapper).scrollTop).toBe(50_000 * ROW)
    const button = wrapper.findAll('button').at(-1)!
    expect(button.text()).toBe('12 new')
    await button.trigger('click')
    await wrapper.vm.$nextTick()
    expect([scrollerOf(wrapper).scrollTop, wrapper.emitted('latest')?.length]).toEqual([100_012 * ROW, 1])
    expect(document.activeElement).toBe(scrollerOf(wrapper))
  })

  it('follows what happens when nobody reads further up', async () => {
    const wrapper = await setUp()
    await wrapper.setProps({ count: 100_003, revision: 2 })
    await wrapper.vm.$nextTick()
    expect([scrollerOf(wrapper).scrollTop, drawn(wrapper).at(-1)]).toEqual([100_003 * ROW, 100_002])
  })

  it('counts what waits while it is stopped', async () => {
    const wrapper = await setUp({ isStopped: true, fresh: 7 })
    expect(wrapper.findAll('button').at(-1)?.text()).toBe('7 new')
  })

  it('is walked through with the keys, and opens and copies what has the focus', async () => {
    const wrapper = await setUp({ count: 100 })
    const press = async (key: string): Promise<void> => {
      ;(document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }))
      await wrapper.vm.$nextTick()
      await wrapper.vm.$nextTick()
    }
    const focused = (): string | undefined => document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset['row']
    scrollerOf(wrapper).focus()
    await press('ArrowUp')
    expect(focused()).toBe('99')
    await press('Home')
    expect(focused()).toBe('0')
    await press('ArrowDown')
    await press('PageDown')
    expect(focused()).toBe('10')
    await press('End')
    expect(focused()).toBe('99')
    await press('c')
    ;(document.activeElement as HTMLElement).click()
    expect([wrapper.emitted('copy'), wrapper.emitted('toggle')]).toEqual([[[line(99)]], [[line(99), 99]]])
  })

  it('keeps the focus when the line that had it goes out of sight', async () => {
    const wrapper = await setUp({ count: 1_000 })
    wrapper.find<HTMLElement>('[data-row="999"] button').element.focus()
    await scrollTo(wrapper, 0)
    expect(document.activeElement).toBe(scrollerOf(wrapper))
  })

  it('shows what is unfolded below its line', async () => {
    const wrapper = await setUp({ count: 3, unfolded: [{ seq: 2, index: 1, event: null, problem: null }] })
    expect(wrapper.find('[data-row="1"]').text()).toContain('the whole event')
    expect(wrapper.findAll('[aria-expanded="true"]')).toHaveLength(1)
  })

  it.each([
    [150, 20 * ROW + 150 - 10 * ROW],
    [400, 19 * ROW],
  ])('brings what was unfolded into sight, its line in any case (%i px)', async (detailsHeight, expected) => {
    let tell: (entries: { target: Element }[]) => void = () => {}
    vi.stubGlobal('ResizeObserver', class {
      constructor(callback: typeof tell) {
        tell = callback
      }
      observe(): void {}
      unobserve(): void {}
      disconnect(): void {}
    })
    vi.spyOn(HTMLElement.prototype, 'offsetHeight', 'get').mockImplementation(function (this: HTMLElement) {
      return this.matches('[data-details]') ? detailsHeight : ROW
    })
    const wrapper = await setUp({ count: 20 })
    await wrapper.find('[data-row="19"] button').trigger('click')
    await wrapper.setProps({ unfolded: [{ seq: 20, index: 19, event: null, problem: null }] })
    tell([{ target: wrapper.find('[data-details]').element }])
    await wrapper.vm.$nextTick()
    await wrapper.vm.$nextTick()
    expect(scrollerOf(wrapper).scrollTop).toBe(expected)
    vi.unstubAllGlobals()
  })

  it('does not look again at lines that stay', async () => {
    let looks = 0
    const watched: EventLine = {
      ...lineAt(0),
      get message() {
        looks++
        return 'It runs.'
      },
    }
    const wrapper = await setUp({ count: 1, line: (index: number) => (index === 0 ? watched : line(index)) })
    const looksBefore = looks
    await wrapper.setProps({ count: 2, revision: 2 })
    expect([wrapper.findAll('li').length, looks]).toEqual([2, looksBefore])
  })
})
