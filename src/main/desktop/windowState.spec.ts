import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { placeWindow, readWindowState, writeWindowState, type Bounds } from './windowState.ts'

const primary: Bounds = { x: 0, y: 25, width: 1920, height: 1055 }
const left: Bounds = { x: -1280, y: 0, width: 1280, height: 1024 }
const at = (x: number, y: number, width = 1000, height = 700) => ({ bounds: { x, y, width, height }, isMaximized: false })

describe('where the window opens', () => {
  it('opens in the middle of the primary display the first time', () => {
    expect(placeWindow(null, [primary]).bounds).toEqual({ x: 320, y: 143, width: 1280, height: 820 })
  })

  it('opens smaller on a display that is smaller', () => {
    expect(placeWindow(null, [{ x: 0, y: 0, width: 1024, height: 600 }]).bounds).toEqual({ x: 0, y: 0, width: 1024, height: 600 })
  })

  it('opens where it was, also on the second display', () => {
    expect(placeWindow(at(100, 100), [primary, left])).toEqual(at(100, 100))
    expect(placeWindow(at(-1200, 50), [primary, left])).toEqual(at(-1200, 50))
  })

  it('comes back into view when it hangs over an edge', () => {
    expect(placeWindow(at(1500, 900), [primary]).bounds).toEqual({ x: 920, y: 380, width: 1000, height: 700 })
    expect(placeWindow(at(-300, -40), [primary]).bounds).toEqual({ x: 0, y: 25, width: 1000, height: 700 })
  })

  it('opens in the middle of the primary display when its own display is gone, maximised if it was', () => {
    expect(placeWindow({ ...at(-1200, 50), isMaximized: true }, [primary])).toEqual({
      bounds: { x: 320, y: 143, width: 1280, height: 820 },
      isMaximized: true,
    })
  })

  it('is never larger than its display, never outside it, whatever was remembered', () => {
    const whole = fc.integer({ min: -100_000, max: 100_000 })
    const size = fc.integer({ min: 1, max: 100_000 })
    fc.assert(
      fc.property(whole, whole, size, size, (x, y, width, height) => {
        const { bounds } = placeWindow(at(x, y, width, height), [primary, left])
        const home = [primary, left].find(
          (area) =>
            bounds.x >= area.x &&
            bounds.y >= area.y &&
            bounds.x + bounds.width <= area.x + area.width &&
            bounds.y + bounds.height <= area.y + area.height,
        )
        expect(home).toBeDefined()
        expect(bounds.width).toBeGreaterThanOrEqual(720)
        expect(bounds.height).toBeGreaterThanOrEqual(480)
      }),
    )
  })
})

describe('what is remembered', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'iron-cage-window-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('comes back as it was written, and leaves no draft behind', () => {
    const file = join(folder, 'deeper', 'window.json')
    writeWindowState(file, at(10, 20))
    expect(readWindowState(file)).toEqual(at(10, 20))
    expect(readdirSync(join(folder, 'deeper'))).toEqual(['window.json'])
  })

  it.each(['', '{', 'null', '{"bounds":{"x":1,"y":2,"width":0,"height":5},"isMaximized":false}', '{"bounds":{"x":1e9}}'])(
    'starts afresh from a file that says %j',
    (text) => {
      const file = join(folder, 'window.json')
      writeFileSync(file, text)
      expect(readWindowState(file)).toBeNull()
    },
  )

  it('starts afresh without a file', () => {
    expect(readWindowState(join(folder, 'absent.json'))).toBeNull()
  })
})
