import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf, findRuntime, hasFailedToStart, runtimeEnvironment, whyNoWindow } from './desktopRuntime.ts'

describe('the runtime', () => {
  let folder: string
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'iron-cage-runtime-'))
  })
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('is there when both its note and its executable are', () => {
    expect(findRuntime(folder)).toBeNull()
    writeFileSync(join(folder, 'path.txt'), 'electron\n')
    expect(findRuntime(folder)).toBeNull()
    mkdirSync(join(folder, 'dist'))
    writeFileSync(join(folder, 'dist/electron'), '')
    expect(findRuntime(folder)).toBe(join(folder, 'dist/electron'))
  })

  it('is never taken for a plain Node', () => {
    expect(runtimeEnvironment({ HOME: '/home/ada', ELECTRON_RUN_AS_NODE: '1' })).toEqual({ HOME: '/home/ada', ELECTRON_RUN_AS_NODE: undefined })
  })
})

describe('why there is no window', () => {
  const linux = { platform: 'linux', environment: { DISPLAY: ':0' }, uid: 1000 } as const

  it('is nothing in a desktop session, on X11 and on Wayland', () => {
    expect(whyNoWindow(linux)).toBeNull()
    expect(whyNoWindow({ ...linux, environment: { WAYLAND_DISPLAY: 'wayland-0' } })).toBeNull()
    expect(whyNoWindow({ platform: 'darwin', environment: {}, uid: 501 })).toBeNull()
    expect(whyNoWindow({ platform: 'win32', environment: {}, uid: null })).toBeNull()
  })

  it('is a display that is missing, an account that is root, or a wish', () => {
    expect(whyNoWindow({ ...linux, environment: {} })).toContain('no display')
    expect(whyNoWindow({ ...linux, uid: 0 })).toContain('root')
    expect(whyNoWindow({ platform: 'darwin', environment: { IRON_CAGE_HOST: 'browser' }, uid: 501 })).toContain('IRON_CAGE_HOST')
  })
})

describe('an end', () => {
  const ended = (code: number | null, signal: NodeJS.Signals | null, ranMs = 500) => ({ code, signal, ranMs })

  it.each([
    ['a sandbox that is not allowed', ended(null, 'SIGTRAP')],
    ['a crash', ended(null, 'SIGSEGV')],
    ['a display that cannot be reached', ended(1, null)],
    ['a library that is missing', ended(127, null)],
    ['a library that is missing on Windows', ended(0xc0000135, null)],
  ])('by %s means that the runtime cannot start', (_why, end) => {
    expect(hasFailedToStart(end)).toBe(true)
    expect(hasFailedToStart({ ...end, ranMs: 15_000 })).toBe(false)
  })

  it.each([
    ['the user', ended(0, null)],
    ['Ctrl-C', ended(null, 'SIGINT')],
    ['SIGTERM', ended(null, 'SIGTERM')],
    ['a wrong setting', ended(2, null)],
    ['a database that is damaged', ended(74, null)],
    ['another room that owns the data folder', ended(75, null)],
  ])('by %s stands as it is', (_why, end) => {
    expect(hasFailedToStart(end)).toBe(false)
  })

  it('has the code that a shell would give it', () => {
    expect(exitCodeOf(ended(74, null))).toBe(74)
    expect(exitCodeOf(ended(null, 'SIGINT'))).toBe(130)
    expect(exitCodeOf(ended(null, 'SIGTERM'))).toBe(143)
  })
})
