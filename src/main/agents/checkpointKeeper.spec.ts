import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { AgentId } from '../../shared/domain/agent.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { createTestClock } from '../access/testClock.ts'
import { createScanner } from '../safety/scan/createScanner.ts'
import type { SafetyDesk, Sighting } from '../safety/desk/safetyDesk.ts'
import { createSinkRedactor } from '../safety/sinkRedactor.ts'
import { LARGEST_CHECKPOINT_BYTES } from '../state/checkpointRepository.ts'
import { openState } from '../state/openState.ts'
import type { State } from '../state/repositories.ts'
import { changing } from '../state/testDatabase.ts'
import { useTestFolders } from '../state/testFolder.ts'
import { createCheckpointKeeper, type CheckpointKeeper } from './checkpointKeeper.ts'

const folders = useTestFolders()
const ID: AgentId = 'lg-7a3f9c2d'
const KEY = Buffer.alloc(32, 7)
const EMAIL = 'ceo@acme.test'
const document = { [EMAIL]: 4155550132, leads: [{ note: `call ${EMAIL} twice`, done: true }, null] }
const redacted = { '[EMAIL_REDACTED]': 4155550132, leads: [{ note: 'call [EMAIL_REDACTED] twice', done: true }, null] }

let dataFolder: string
let state: State
beforeEach(async () => {
  dataFolder = folders.make()
  state = await openState({ dataFolder, clock: createTestClock() })
})
afterEach(() => state.close())

const sightings: Sighting[] = []

/** A desk of one rule. */
function deskOf(mode: 'redact' | 'warn' | 'block' | 'off'): Pick<SafetyDesk, 'scannerFor' | 'judge'> {
  sightings.length = 0
  return {
    scannerFor: () => createScanner({ types: new Set(mode === 'off' ? [] : ['email', 'api-key']) }),
    judge(sighting) {
      sightings.push(sighting)
      const edits = sighting.matches.map(({ start, end }) => ({ start, end, replacement: '[EMAIL_REDACTED]' }))
      return { edits: mode === 'redact' ? edits : [], blocked: mode === 'block' ? 'It is being halted.' : null }
    },
  }
}

function keeperOf(mode: Parameters<typeof deskOf>[0], key: Buffer | null = KEY): CheckpointKeeper {
  return createCheckpointKeeper({ checkpoints: state.checkpoints, desk: deskOf(mode), sink: createSinkRedactor(createScanner), key: () => key })
}

describe('a checkpoint', () => {
  it('without anything private comes back as it was, and lies open', async () => {
    const plain: JsonValue = { step: 23, done: ['ä', '🚀'], nested: { nothing: null } }
    expect(await keeperOf('redact').save(ID, plain, 10)).toEqual({ bytes: Buffer.byteLength(JSON.stringify(plain)), isRedacted: false })
    expect(await keeperOf('redact', null).load(ID)).toEqual({ document: plain, savedAt: 10 })
    expect((await state.checkpoints.load(ID))?.kept).toEqual({ document: plain })
    expect(await keeperOf('redact').load('ot-00000001')).toBeNull()
  })

  // The desk above has one marker for all.
  it('loses what is known by its name alone', async () => {
    await keeperOf('redact').save(ID, { password: 'hunter2horse9', note: 'hunter2horse9' }, 10)
    expect(await keeperOf('redact').load(ID)).toMatchObject({ document: { password: '[EMAIL_REDACTED]', note: 'hunter2horse9' } })
  })

  it('loses what the rules redact, in names and in strings; numbers stay', async () => {
    await keeperOf('redact').save(ID, document, 10)
    expect(await keeperOf('redact').load(ID)).toEqual({ document: redacted, savedAt: 10 })
    await keeperOf('redact').save(ID, document, 10)
    expect(sightings.map(({ direction, place, callId }) => [direction, place, callId])).toEqual([
      ['tools', 'checkpoint', null],
      ['tools', 'checkpoint.leads[0].note', null],
    ])
  })

  it.each(['warn', 'off'] as const)('that the rules let pass (%s) comes back whole, and lies sealed', async (mode) => {
    await keeperOf(mode).save(ID, document, 10)
    const kept = (await state.checkpoints.load(ID))?.kept as { sealed: Buffer }
    expect(kept.sealed.includes('acme')).toBe(false)
    expect(await keeperOf(mode).load(ID)).toEqual({ document, savedAt: 10 })
  })

  it.each(['warn', 'off'] as const)('that the rules let pass (%s) is redacted all the same where nothing can be sealed, and says so', async (mode) => {
    expect(await keeperOf(mode, null).save(ID, document, 10)).toMatchObject({ isRedacted: true })
    expect(await keeperOf(mode, null).load(ID)).toEqual({ document: redacted, savedAt: 10 })
  })

  it('that is blocked is refused with the sentence, and what was there stays', async () => {
    await keeperOf('redact').save(ID, { step: 1 }, 10)
    await expect(keeperOf('block').save(ID, document, 20)).rejects.toMatchObject({ code: 'FORBIDDEN', message: 'It is being halted.' })
    expect(await keeperOf('block').load(ID)).toEqual({ document: { step: 1 }, savedAt: 10 })
  })

  it('that is sealed opens with its own key alone, and for its own agent', async () => {
    await keeperOf('warn').save(ID, document, 10)
    await expect(keeperOf('warn', null).load(ID)).rejects.toMatchObject({ code: 'UNAVAILABLE', message: expect.stringContaining('master key') as string })
    await expect(keeperOf('warn', Buffer.alloc(32, 8)).load(ID)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    const { kept } = (await state.checkpoints.load(ID)) ?? { kept: { document: null } }
    await state.checkpoints.save('ot-00000001', kept, 10)
    await expect(keeperOf('warn').load('ot-00000001')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
  })

  it('that cannot be looked through is not kept', async () => {
    const desk = { ...deskOf('redact'), judge: () => { throw new Error('invented') } }
    const keeper = createCheckpointKeeper({ checkpoints: state.checkpoints, desk, sink: createSinkRedactor(createScanner), key: () => KEY })
    await expect(keeper.save(ID, document, 10)).rejects.toThrow('invented')
    expect(await state.checkpoints.load(ID)).toBeNull()
  })

  it('that is large is looked through in slices, overtakes no other and is not overtaken', async () => {
    const long = `${'all is well. '.repeat(60_000)}${EMAIL}`
    const keeper = keeperOf('redact')
    let turns = 0
    const count = (): void => {
      turns++
      timer = setImmediate(count)
    }
    let timer = setImmediate(count)
    const first = keeper.save(ID, { long }, 10)
    const second = keeper.save(ID, { step: 2 }, 20)
    await Promise.all([first, second])
    clearImmediate(timer)
    expect(turns).toBeGreaterThan(4)
    expect(await keeper.load(ID)).toEqual({ document: { step: 2 }, savedAt: 20 })
    expect(sightings).toHaveLength(1)
  })

  it('that is too large is refused before it is looked through', async () => {
    await expect(keeperOf('redact').save(ID, EMAIL.repeat(LARGEST_CHECKPOINT_BYTES / 10), 10)).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(sightings).toEqual([])
  })

  it.each([
    ['sealed', KEY, document],
    ['redacted', null, redacted],
  ])('from a version that looked for nothing is %s when the room opens', async (_what, key, loaded) => {
    await state.checkpoints.save(ID, { document }, 10)
    await state.checkpoints.save('ot-00000001', { document: { step: 1 } }, 10)
    changing(dataFolder, 'UPDATE checkpoints SET is_clean = NULL')
    const keeper = keeperOf('redact', key)
    await keeper.cleanOld()
    expect(await state.checkpoints.unlooked()).toEqual([])
    expect(readdirSync(dataFolder).filter((name) => readFileSync(join(dataFolder, name)).includes(EMAIL))).toEqual([])
    expect(await keeper.load(ID)).toEqual({ document: loaded, savedAt: 10 })
    expect(await keeper.load('ot-00000001')).toEqual({ document: { step: 1 }, savedAt: 10 })
    expect(sightings).toEqual([])
  })

  it('that is nested too deeply is refused, and not half kept', async () => {
    const deep = JSON.parse(`${'['.repeat(600)}"${EMAIL}"${']'.repeat(600)}`) as JsonValue
    await expect(keeperOf('redact').save(ID, deep, 10)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(await state.checkpoints.load(ID)).toBeNull()
  })
})
