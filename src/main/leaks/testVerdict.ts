import { beforeAll, describe, expect, it } from 'vitest'
import { answeredForms, everyForm, heldForms, typed } from './testPrivate.ts'
import { runEverything, type WholeRun } from './testRun.ts'
import { search, type Evidence } from './testSearch.ts'

const LONGEST_RUN_MS = 120_000

/** What every kind of place must hold to be worth a search, and what none may hold. For specs only. */
export function expectNothingLeaks(environment: Readonly<Record<string, string>>, canOpen: boolean): void {
  let run: WholeRun
  beforeAll(async () => {
    run = await runEverything(environment)
  }, LONGEST_RUN_MS)

  it('ran: agents crashed, were blocked and refused, as they were meant to', () => {
    expect(run.statuses).toEqual({
      'pythonRedacts.py': 'crashed',
      'nodeRedacts.mjs': 'crashed',
      'pythonWarns.py': 'crashed',
      'nodeWarns.mjs': 'crashed',
      'pythonBlocks.py': 'blocked',
      'nodeBlocks.mjs': 'blocked',
      'poor.mjs': 'stopped',
    })
    expect(run.incidents).toBeGreaterThan(0)
    const printed = (run.ours['what commands print'] ?? []).map(({ bytes }) => bytes.toString()).join('')
    const kinds = new Set([...printed.matchAll(/"kind":"(\w+)"/g)].map(([, kind]) => kind))
    expect([...kinds].sort()).toEqual([...(canOpen ? ['opened'] : []), 'injection', 'policy', 'private', 'unauthorised'].sort())
  })

  it('let through where the rules only warn: what is searched for was there', () => {
    const seedsIn = (evidence: readonly Evidence[], wanted: Readonly<Record<string, string>>): string[] => [...new Set(search(evidence, wanted).hits.map(({ seed }) => seed))].sort()
    const written = (wanted: Readonly<Record<string, string>>): string[] => Object.keys(wanted).filter((name) => !name.endsWith('bare')).sort()
    expect(seedsIn(run.warned.upstream, heldForms)).toEqual(written(heldForms))
    expect(seedsIn(run.warned.received, answeredForms)).toEqual(written(answeredForms))
  })

  it('opened an original for whoever gave a reason, where one could be kept', () => {
    if (canOpen) expect(Object.values(heldForms)).toContain((JSON.parse(run.opened) as { original: string }).original)
    else expect(run.opened).not.toContain('original"')
  })

  it('passed on markers in place of what is private', () => {
    for (const place of ['what upstreams of redacted agents get', 'what redacted agents get', 'screens of iron_cage start']) {
      const texts = Buffer.concat((run.guarded[place] ?? []).map(({ bytes }) => bytes)).toString()
      for (const marker of ['EMAIL', 'PHONE', 'SSN', 'CARD', 'IBAN', 'IP', 'SECRET']) expect(texts.includes(`[${marker}_REDACTED]`), `${marker} in ${place}`).toBe(true)
    }
  })

  describe.each([
    'the data folder while the room is open', 'the data folder after the room was killed', 'the data folder when the room is closed',
    'log files while the room is open', 'log files after the room was killed', 'log files when the room is closed',
    'recordings while the room is open', 'recordings after the room was killed', 'recordings when the room is closed',
    'tables while the room is open', 'tables after the room was killed', 'tables when the room is closed',
    'what viewers see', 'what terminals show', 'what commands print', 'what the room prints', 'notes of iron_cage start', 'webhooks', 'mails',
    'screens of iron_cage start', 'what upstreams of redacted agents get', 'what upstreams of blocked agents get', 'what redacted agents get', 'what blocked agents get',
  ])('%s', (place) => {
    const evidence = (): readonly Evidence[] => run.ours[place] ?? run.guarded[place] ?? []

    it('holds nothing private', () => {
      const { bytes, hits } = search(evidence(), everyForm)
      expect(bytes).toBeGreaterThan(100)
      expect(hits).toEqual([])
    })

    it('would show it', () => {
      const [{ name, bytes }] = [...evidence()].sort((one, other) => other.bytes.length - one.bytes.length) as [Evidence]
      const half = bytes.length >> 1
      const planted = Buffer.concat([bytes.subarray(0, half), Buffer.from(typed.email as string), bytes.subarray(half)])
      expect(search([{ name, bytes: planted }], { planted: typed.email as string }).hits.map(({ seed, form }) => [seed, form])).toEqual([['planted', 'plain']])
    })
  })
}
