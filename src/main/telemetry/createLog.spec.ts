import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createTestClock, type TestClock } from '../access/testClock.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createLog, type LogOptions, type RunningLog } from './createLog.ts'
import type { LogEntry } from './log.ts'
import { listRotated } from './logFiles.ts'
import type { RedactedEntry } from './redactEntry.ts'

const folders = useTestFolders()
const isPosix = process.platform !== 'win32'
const DAY_MS = 86_400_000
let folder: string
let clock: TestClock
let complaints: string[]
let logs: RunningLog[]

beforeEach(() => {
  folder = folders.make()
  clock = createTestClock()
  complaints = []
  logs = []
})
afterEach(() => Promise.all(logs.map((log) => log.close())))

function open(options: Partial<LogOptions> = {}): RunningLog {
  const log = createLog({ folder, clock, complain: (text) => complaints.push(text), ...options })
  logs.push(log)
  return log
}

const file = (): string => join(folder, 'logs', 'control-room.log')
const lines = (path = file()): Record<string, unknown>[] =>
  readFileSync(path, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>)
const rotated = (): string[] => readdirSync(join(folder, 'logs')).filter((name) => name !== 'control-room.log')
const said = (msg: string, more: Partial<LogEntry> = {}): LogEntry => ({ level: 'INFO', event: 'invented.happened', msg, ...more })

describe('a line', () => {
  it('carries exactly what is specified, with the fields beside it', async () => {
    const log = open()
    log.write(said('An agent did something.', { agentId: 'sa-00000001', userId: 'owner', fields: { count: 3, nested: { deep: [true, null] } } }))
    log.write(said('Nobody in particular.', { level: 'ERROR' }))
    await log.flush()
    expect(lines()).toEqual([
      {
        ts: '2026-11-21T14:23:45.000Z',
        level: 'INFO',
        agent_id: 'sa-00000001',
        user_id: 'owner',
        event: 'invented.happened',
        msg: 'An agent did something.',
        count: 3,
        nested: { deep: [true, null] },
      },
      { ts: '2026-11-21T14:23:45.000Z', level: 'ERROR', agent_id: null, user_id: null, event: 'invented.happened', msg: 'Nobody in particular.' },
    ])
  })

  it('has each key once: a field of a reserved name steps aside', async () => {
    const log = open()
    log.write(said('true', { fields: { msg: 'false', ts: 1, level: 'FATAL', ['__proto__']: 'odd' } }))
    await log.flush()
    const text = readFileSync(file(), 'utf8')
    for (const key of ['ts', 'level', 'msg', 'agent_id']) expect(text.split(`"${key}":`)).toHaveLength(2)
    expect(lines()[0]).toMatchObject({ msg: 'true', level: 'INFO', field_msg: 'false', field_ts: 1, field_level: 'FATAL', field___proto__: 'odd' })
  })

  it('is one line, whatever the message holds', async () => {
    const log = open()
    log.write(said('one\ntwo\r\n{"level":"ERROR"}\u2028'))
    await log.flush()
    expect(lines()).toMatchObject([{ msg: 'one\ntwo\r\n{"level":"ERROR"}\u2028' }])
  })

  it('is written from the least level on', async () => {
    const entries: RedactedEntry[] = []
    const log = open({ level: 'WARN', onEntry: (entry) => entries.push(entry) })
    for (const level of ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const) log.write(said(level, { level }))
    await log.flush()
    expect(lines().map(({ level }) => level)).toEqual(['WARN', 'ERROR'])
    expect(entries.map(({ level }) => level)).toEqual(['WARN', 'ERROR'])
  })

  it('is INFO and above when nothing is said, DEBUG when asked for', async () => {
    const chattyFolder = folders.make()
    const both = [open(), open({ folder: chattyFolder, level: 'DEBUG' })]
    for (const log of both) log.write(said('quiet', { level: 'DEBUG' }))
    await Promise.all(both.map((log) => log.flush()))
    expect(lines()).toEqual([])
    expect(lines(join(chattyFolder, 'logs', 'control-room.log'))).toHaveLength(1)
  })
})

describe('redaction', () => {
  const redact = (text: string): string => text.replaceAll('swordfish', '[REDACTED]')

  it('stands before every sink, for messages, names, keys and values at any depth', async () => {
    const entries: RedactedEntry[] = []
    const log = open({ redact, onEntry: (entry) => entries.push(entry) })
    log.write({
      level: 'WARN',
      event: 'swordfish.seen',
      msg: 'The word is swordfish.',
      agentId: 'swordfish',
      userId: 'swordfish@example.invalid',
      fields: { swordfish: 1, value: 'swordfish', deep: [{ swordfish: ['swordfish', { a: 'swordfish' }] }] },
    })
    await log.flush()
    expect(readFileSync(file(), 'utf8')).not.toContain('swordfish')
    expect(JSON.stringify(entries)).not.toContain('swordfish')
    expect(lines()[0]).toMatchObject({ msg: 'The word is [REDACTED].', deep: [{ '[REDACTED]': ['[REDACTED]', { a: '[REDACTED]' }] }] })
    expect(entries[0]).toMatchObject({ msg: 'The word is [REDACTED].', at: clock.now() })
  })

  it('comes before shortening, so that no half of a secret stays', async () => {
    const log = open({ redact })
    log.write(said(`${'x'.repeat(16_380)}swordfish${'y'.repeat(50_000)}`))
    await log.flush()
    const msg = String(lines()[0]?.['msg'])
    expect(msg).not.toContain('swor')
    expect(msg).toMatch(/^x{16380}\[RED… \[50006 more characters\]$/)
  })

  it('withholds an entry whose redactor fails', async () => {
    const entries: RedactedEntry[] = []
    const broken = (): string => {
      throw new Error('swordfish')
    }
    const log = open({ redact: broken, onEntry: (entry) => entries.push(entry) })
    log.write(said('The word is swordfish.', { level: 'ERROR', fields: { word: 'swordfish' } }))
    await log.flush()
    expect(readFileSync(file(), 'utf8')).not.toContain('swordfish')
    expect(lines()).toMatchObject([{ level: 'ERROR', event: 'log.withheld', msg: 'This entry could not be redacted and is withheld.' }])
    expect(entries).toHaveLength(1)
  })

  it('bears what types do not allow: errors, circles, big numbers', async () => {
    const log = open({ redact })
    const circle: Record<string, unknown> = { big: 2n ** 70n, error: new Error('swordfish'), none: undefined, nan: NaN }
    circle['self'] = circle
    log.write(said('odd', { fields: circle as never }))
    await log.flush()
    expect(readFileSync(file(), 'utf8')).not.toContain('swordfish')
    expect(lines()[0]).toMatchObject({ msg: 'odd', big: '1180591620717411303424', error: { name: 'Error', message: '[REDACTED]' }, none: null, nan: 'NaN' })
    expect(complaints).toEqual([])
  })
})

describe('the file', () => {
  it.runIf(isPosix)('is for its owner alone, and so is its folder', async () => {
    open().write(said('one'))
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(statSync(join(folder, 'logs')).mode & 0o777).toBe(0o700)
  })

  it('is gone on with after a restart', async () => {
    const first = open()
    first.write(said('one'))
    await first.close()
    first.write(said('too late'))
    const second = open()
    second.write(said('two'))
    await second.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['one', 'two'])
  })

  it('is put aside when it is full, and no line is torn or lost', async () => {
    const log = open({ largestBytes: 2_000 })
    for (let i = 0; i < 100; i++) {
      log.write(said(`line ${i}`))
      if (i % 40 === 0) await log.flush()
    }
    await log.flush()
    for (const name of [...rotated(), 'control-room.log']) expect(statSync(join(folder, 'logs', name)).size).toBeLessThanOrEqual(2_000)
    expect(rotated().length).toBeGreaterThan(4)
    if (isPosix) for (const name of rotated()) expect(statSync(join(folder, 'logs', name)).mode & 0o777).toBe(0o600)
    const inOrder = [...listRotated(join(folder, 'logs')).map(({ path }) => path), file()]
    expect(inOrder.flatMap((path) => lines(path)).map(({ msg }) => msg)).toEqual(Array.from({ length: 100 }, (_, i) => `line ${i}`))
  })

  it('takes a line that is larger than a whole file', async () => {
    const log = open({ largestBytes: 500 })
    log.write(said('x'.repeat(600)))
    log.write(said('next'))
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['next'])
    expect(rotated()).toHaveLength(1)
  })

  it('takes a line that is larger than all that may wait', async () => {
    const log = open()
    log.write(said('one'))
    log.write(said('two', { fields: { rows: Array.from({ length: 100 }, () => 'x'.repeat(15_000)) } }))
    log.write(said('three'))
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['one', 'two', 'three'])
  })

  it('is put aside after a day, and forgotten after seven more', async () => {
    const log = open()
    log.write(said('first day'))
    await log.flush()
    clock.advance(DAY_MS + 1)
    log.write(said('second day'))
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['second day'])
    expect(rotated()).toEqual(['control-room-2026-11-22T14-23-45.000Z.log'])
    clock.advance(6 * DAY_MS)
    expect(rotated()).toContain('control-room-2026-11-22T14-23-45.000Z.log')
    clock.advance(DAY_MS + 3_600_000)
    expect(rotated()).not.toContain('control-room-2026-11-22T14-23-45.000Z.log')
  })

  it('of an earlier run counts its age from its first line, and old ones are forgotten at the start', async () => {
    const first = open()
    first.write(said('old'))
    await first.close()
    writeFileSync(join(folder, 'logs', 'control-room-2026-11-01T00-00-00.000Z.log'), '')
    writeFileSync(join(folder, 'logs', 'notes.txt'), 'invented')
    clock.advance(DAY_MS + 1)
    const second = open()
    expect(rotated()).toEqual(['notes.txt'])
    second.write(said('new'))
    await second.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['new'])
  })

  it('keeps fifty files at most', async () => {
    mkdirSync(join(folder, 'logs'))
    for (let i = 0; i < 60; i++) writeFileSync(join(folder, 'logs', `control-room-2026-11-21T10-00-${String(i).padStart(2, '0')}.000Z.log`), '')
    open()
    expect(rotated()).toHaveLength(50)
    expect(rotated()).not.toContain('control-room-2026-11-21T10-00-09.000Z.log')
  })

  it('is made anew when somebody took it away', async () => {
    const log = open()
    log.write(said('one'))
    await log.flush()
    rmSync(join(folder, 'logs'), { recursive: true })
    log.write(said('two'))
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['two'])
    expect(complaints).toEqual([])
  })

  it('has what was written in the very turn in which the process ends', () => {
    const program = `
      import { createLog } from ${JSON.stringify(join(import.meta.dirname, 'createLog.ts'))}
      const clock = { now: () => 0, after: () => ({ cancel() {} }) }
      createLog({ folder: ${JSON.stringify(folder)}, clock }).write({ level: 'INFO', event: 'invented', msg: 'last words' })
      process.exit(3)`
    const { status } = spawnSync(process.execPath, ['--input-type=module', '-e', program], { stdio: 'inherit' })
    expect(status).toBe(3)
    expect(lines().map(({ msg }) => msg)).toEqual(['last words'])
  })
})

describe('a log that cannot be written', () => {
  it.runIf(existsSync('/dev/full'))('says so once, throws nothing, keeps the other sink, and goes on when there is room again', async () => {
    mkdirSync(join(folder, 'logs'))
    symlinkSync('/dev/full', file())
    const entries: RedactedEntry[] = []
    const log = open({ onEntry: (entry) => entries.push(entry) })
    log.write(said('one'))
    await log.flush()
    log.write(said('two'))
    await log.flush()
    expect(complaints).toEqual([expect.stringMatching(/^The log .*control-room\.log cannot be written \(ENOSPC.*\): mend that; until then its lines wait or are lost\.\n$/)])
    expect(entries.map(({ msg }) => msg)).toEqual(['one', 'two'])
    unlinkSync(file())
    log.write(said('three'))
    await log.flush()
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toEqual(['one', 'two', 'three', 'The log can be written again; lines lost: 0.'])
    expect(complaints).toHaveLength(1)
  })

  it.runIf(existsSync('/dev/full'))('loses lines rather than memory, and counts them', async () => {
    mkdirSync(join(folder, 'logs'))
    symlinkSync('/dev/full', file())
    const log = open()
    for (let i = 0; i < 300; i++) log.write(said('x'.repeat(10_000)))
    unlinkSync(file())
    await log.flush()
    await log.flush()
    const written = lines()
    const last = written.at(-1)
    expect(written.length - 1 + Number(last?.['lost'])).toBe(300)
    expect(Number(last?.['lost'])).toBeGreaterThan(100)
  })

  it('does not need its folder to start', async () => {
    writeFileSync(join(folder, 'logs'), 'in the way')
    const log = open()
    log.write(said('one'))
    await log.flush()
    expect(complaints).toHaveLength(1)
    rmSync(join(folder, 'logs'))
    log.write(said('two'))
    await log.flush()
    expect(lines().map(({ msg }) => msg)).toContain('one')
  })

  it('survives a second sink that throws, and says so once', async () => {
    const log = open({
      onEntry: () => {
        throw new Error('an invented mishap')
      },
    })
    log.write(said('one'))
    log.write(said('two'))
    await log.flush()
    expect(lines()).toHaveLength(2)
    expect(complaints).toEqual(['A log entry could not be written (an invented mishap); this is said once.\n'])
  })

  it.runIf(existsSync('/bin/bash'))('leaves whole lines behind when the disk took half of one', () => {
    // A limit on file sizes lets the last write through in part, as a full disk does.
    const program = `
      import { renameSync, writeSync } from 'node:fs'
      import { createLog } from ${JSON.stringify(join(import.meta.dirname, 'createLog.ts'))}
      const clock = { now: () => 0, after: () => ({ cancel() {} }) }
      const folder = ${JSON.stringify(folder)}
      let isFull = false
      const log = createLog({ folder, clock, complain: () => { isFull = true } })
      for (let i = 0; !isFull; i++) {
        log.write({ level: 'INFO', event: 'invented', msg: 'line ' + i })
        await log.flush()
      }
      renameSync(folder + '/logs/control-room.log', folder + '/first')
      await log.flush()
      await log.close()`
    const { status } = spawnSync('/bin/bash', ['-c', `trap '' XFSZ; ulimit -f 4; exec "$0" --input-type=module -e "$1"`, process.execPath, program], { stdio: 'inherit' })
    expect(status).toBe(0)
    const whole = readFileSync(join(folder, 'first'), 'utf8') + readFileSync(file(), 'utf8')
    expect(statSync(join(folder, 'first')).size).toBe(4096)
    const messages = whole.trimEnd().split('\n').map((line) => (JSON.parse(line) as { msg: string }).msg)
    expect(messages.slice(0, -1)).toEqual(messages.slice(0, -1).map((_, i) => `line ${i}`))
    expect(messages.at(-1)).toBe('The log can be written again; lines lost: 0.')
  })
})
