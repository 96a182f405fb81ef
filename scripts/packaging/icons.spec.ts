import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { writeIcons } from './icons.ts'

const SOURCE = join(import.meta.dirname, '../../packaging/icon.svg')

let folder: string
beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'iron-cage-icons-')), 'icons')
  writeIcons(folder)
})
afterAll(() => rmSync(join(folder, '..'), { recursive: true, force: true }))

/** Width and height as a PNG picture says them itself. */
function sizeOf(png: Buffer): string {
  expect(png.subarray(1, 4).toString()).toBe('PNG')
  return `${png.readUInt32BE(16)}x${png.readUInt32BE(20)}`
}

describe('the icons, drawn from one source', () => {
  it('are for Linux a folder of pictures by their sizes', () => {
    const names = readdirSync(join(folder, 'linux'))
    expect(names).toContain('512x512.png')
    for (const name of names) expect(`${sizeOf(readFileSync(join(folder, 'linux', name)))}.png`).toBe(name)
  })

  it('are for Windows one file whose directory leads to each of them', () => {
    const ico = readFileSync(join(folder, 'icon.ico'))
    expect([ico.readUInt16LE(0), ico.readUInt16LE(2)]).toEqual([0, 1])
    const entries = Array.from({ length: ico.readUInt16LE(4) }, (_, index) => 6 + 16 * index)
    const sizes = entries.map((at) => {
      const start = ico.readUInt32LE(at + 12)
      const size = sizeOf(ico.subarray(start, start + ico.readUInt32LE(at + 8)))
      expect(size).toBe(`${ico.readUInt8(at) || 256}x${ico.readUInt8(at + 1) || 256}`)
      return size
    })
    expect(sizes).toEqual(['16x16', '24x24', '32x32', '48x48', '64x64', '128x128', '256x256'])
    const last = entries.at(-1) ?? 0
    expect(ico.readUInt32LE(last + 8) + ico.readUInt32LE(last + 12)).toBe(ico.length)
  })

  it('are for macOS one file with each of them under its name', () => {
    const icns = readFileSync(join(folder, 'icon.icns'))
    expect([icns.subarray(0, 4).toString(), icns.readUInt32BE(4)]).toEqual(['icns', icns.length])
    const found: Record<string, string> = {}
    for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
      found[icns.subarray(at, at + 4).toString()] = sizeOf(icns.subarray(at + 8, at + icns.readUInt32BE(at + 4)))
    }
    expect(found).toEqual({ ic11: '32x32', ic12: '64x64', ic07: '128x128', ic13: '256x256', ic08: '256x256', ic14: '512x512', ic09: '512x512', ic10: '1024x1024' })
  })

  it('are there in each size with more than a background, and their source is small', () => {
    for (const name of readdirSync(join(folder, 'linux'))) expect(statSync(join(folder, 'linux', name)).size).toBeGreaterThan(200)
    expect(statSync(SOURCE).size).toBeLessThan(4_000)
  })
})
