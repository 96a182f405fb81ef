import type { TriggerId } from '../../../shared/domain/demo.ts'
import type { Moment, Readings, Story } from './expected.ts'
import type { NormalLog } from './normalise.ts'
import type { RunRecord } from './rehearseOnce.ts'

/** Where a run is not what it should be. */
export interface Difference {
  readonly in: 'figures' | 'triggers' | 'events'
  /** `at #23: spent`, `budget`, `calls, line 17`. */
  readonly where: string
  readonly expected: string
  readonly found: string
}

/** A run, as it is compared. */
export interface ComparedRun extends Pick<RunRecord, 'figures' | 'triggers'> {
  readonly log: NormalLog
}

const NOTHING = 'nothing'

/** What differs from the story, and from the first run. */
export function differences(run: ComparedRun, story: Story, first: ComparedRun | null): Difference[] {
  return [
    ...figureDifferences(run.figures, story.figures),
    ...triggerDifferences(run.triggers, story.triggers),
    ...(first === null ? [] : [...figureDifferences(run.figures, first.figures), ...logDifferences(run.log, first.log)]),
  ].filter(isFirstOfItsKind())
}

function figureDifferences(found: Readings, expected: Readings): Difference[] {
  return Object.entries(expected).flatMap(([moment, figures]) =>
    Object.entries(figures ?? {}).flatMap(([name, value]): Difference[] => {
      const here = found[moment as Moment]?.[name] ?? NOTHING
      return here === value ? [] : [{ in: 'figures', where: `${moment === 'end' ? 'at the end' : `at ${moment}`}: ${name}`, expected: value, found: here }]
    }),
  )
}

function triggerDifferences(found: RunRecord['triggers'], expected: Story['triggers']): Difference[] {
  return Object.entries(expected).flatMap(([id, lead]): Difference[] => {
    const { firedAt = null, seenAt = null } = found[id as TriggerId] ?? {}
    if (firedAt === lead && seenAt === lead) return []
    return [{ in: 'triggers', where: id, expected: `lead ${lead}`, found: `made at ${leadIn(firedAt)}, told of at ${leadIn(seenAt)}` }]
  })
}

const leadIn = (lead: number | null): string => (lead === null ? 'no lead' : `lead ${lead}`)

function logDifferences(found: NormalLog, expected: NormalLog): Difference[] {
  return [...new Set([...expected.keys(), ...found.keys()])].flatMap((source): Difference[] => {
    const [here, there] = [found.get(source) ?? [], expected.get(source) ?? []]
    const line = firstDifferent(here, there)
    if (line === null) return []
    const [was, is] = aroundDifference(there[line] ?? NOTHING, here[line] ?? NOTHING)
    return [{ in: 'events', where: `${source}, line ${line + 1}`, expected: was, found: is }]
  })
}

function firstDifferent(here: readonly string[], there: readonly string[]): number | null {
  const longer = Math.max(here.length, there.length)
  for (let line = 0; line < longer; line++) if (here[line] !== there[line]) return line
  return null
}

const SHOWN_BEFORE = 120
const SHOWN_AFTER = 160

/** Lines are long, and mostly alike. */
function aroundDifference(expected: string, found: string): [string, string] {
  let same = 0
  while (same < Math.min(expected.length, found.length) && expected[same] === found[same]) same += 1
  const from = Math.max(0, same - SHOWN_BEFORE)
  const cut = (text: string): string => `${from > 0 ? '…' : ''}${text.slice(from, same + SHOWN_AFTER)}${text.length > same + SHOWN_AFTER ? '…' : ''}`
  return [cut(expected), cut(found)]
}

/** What differs from the story mostly differs from the first run too. */
function isFirstOfItsKind(): (difference: Difference) => boolean {
  const told = new Set<string>()
  return ({ in: what, where }) => {
    const kind = `${what} ${where}`
    const isFirst = !told.has(kind)
    told.add(kind)
    return isFirst
  }
}
