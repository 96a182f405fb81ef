import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseDollars } from '../shared/domain/money.ts'
import { PRIVATE_TYPES } from '../shared/domain/privateTypes.ts'
import { PrivateType } from '../shared/domain/safetyRules.ts'
import type { ServiceOutcome } from '../shared/domain/service.ts'
import type { BreakerPolicy, ServiceDeclaration } from '../shared/domain/servicePolicy.ts'
import type { JsonValue } from '../shared/errors.ts'
import { formatDuration, formatMoney, formatPercent, formatSmallMoney, formatSpent } from '../shared/format.ts'
import { formatPercentile, formatSuccess, formatThroughput, formatWork } from '../shared/formatPerformance.ts'
import { formatBlocked, formatBreaker, formatCooldown, formatSaved, formatService, formatViaFallback, type ServedCounts } from '../shared/formatService.ts'
import { createBudgetBook, type Claim, type Purse } from './budget/budgetBook.ts'
import { shippedJson } from './budget/testPrices.ts'
import { isAllowed, isProbe, newBreaker, reduceBreaker, retryAt, type Breaker, type BreakerEvent } from './reliability/breaker.ts'
import { AGENT, openTestServices } from './reliability/testServices.ts'
import { createScanner } from './safety/scan/createScanner.ts'
import { withEdits } from './safety/scan/withEdits.ts'
import { useTestFolders } from './state/testFolder.ts'

// What Python's MockRuntime is tested with as well: the room and it decide alike.

interface Detection {
  readonly types: Readonly<Record<string, { marker: string; severity: string; risk: string }>>
  readonly texts: readonly { text: string; found: readonly { type: string; value: string }[]; redacted: string }[]
}

interface BudgetCase {
  readonly name: string
  readonly limit: number
  readonly purses: Readonly<Record<string, number | null>>
  readonly steps: readonly {
    reserve?: string
    amount?: number
    from?: readonly string[]
    settle?: string
    cost?: number
    release?: string
    raise?: number
    after: { claims: Readonly<Record<string, string>>; spent: number; reserved: number; isWarned: boolean }
  }[]
}

interface BreakerCase {
  readonly name: string
  readonly policy: BreakerPolicy
  readonly steps: readonly {
    at: number
    begin?: string
    price?: number
    may?: boolean
    isProbe?: boolean
    end?: string
    outcome?: ServiceOutcome
    detail?: string
    retryAfterMs?: number
    reset?: boolean
    after: JsonValue
  }[]
}

interface FallbackCase {
  readonly name: string
  readonly declare: Partial<ServiceDeclaration> & { price?: string }
  readonly unit: string
  readonly steps: readonly {
    advanceMs?: number
    begin?: string
    key?: JsonValue
    verdict?: JsonValue
    end?: string
    outcome?: ServiceOutcome
    detail?: string
    retryAfterMs?: number
    again?: boolean
    value?: JsonValue
    instead?: JsonValue
    isOpen?: boolean
    served?: string
    tier?: 'custom' | 'failed'
  }[]
  readonly view: Readonly<Record<string, JsonValue>>
}

interface Cases {
  readonly detection: Detection
  readonly budgets: readonly BudgetCase[]
  readonly breakers: readonly BreakerCase[]
  readonly fallbacks: readonly FallbackCase[]
  readonly formats: readonly { format: keyof typeof formats; arguments: readonly unknown[]; text: string | null }[]
}

const folder = join(import.meta.dirname, '../../resources/python/iron_cage/testing')
const readJson = (name: string): unknown => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const cases = readJson('policy_cases.json') as Cases
const folders = useTestFolders()

describe('private data', () => {
  const types = Object.keys(cases.detection.types).map((type) => PrivateType.parse(type))
  const scanner = createScanner({ types: new Set(types) })

  it.each(types)('%s has its marker, severity and risk', (type) => {
    expect(PRIVATE_TYPES[type]).toMatchObject(cases.detection.types[type] ?? {})
  })

  it.each(cases.detection.texts)('$text', ({ text, found, redacted }) => {
    const matches = scanner.scan(text)
    expect(matches.map(({ type, value }) => ({ type, value }))).toEqual(found)
    expect(withEdits(text, matches.map(({ type, start, end }) => ({ start, end, replacement: PRIVATE_TYPES[type].marker })))).toBe(redacted)
  })
})

describe('budgets', () => {
  it.each(cases.budgets)('$name', ({ limit, purses: limits, steps }) => {
    const book = createBudgetBook<string>({ limit, spent: 0, raises: 0 })
    const purses = Object.fromEntries(Object.entries(limits).map(([name, most]): [string, Purse] => [name, { limit: most, spent: 0, reserved: 0 }]))
    const claims = new Map<string, Claim<string>>()
    const claimOf = (id: string): Claim<string> => {
      const claim = claims.get(id)
      if (!claim) throw new Error(`${id} is not under way.`)
      claims.delete(id)
      return claim
    }
    for (const step of steps) {
      if (step.reserve !== undefined) {
        const claim = book.enter(step.reserve, step.amount ?? 0, (step.from ?? []).map((name) => purses[name]!))
        book.bound(claim, claim.amount)
        claims.set(step.reserve, claim)
      } else if (step.settle !== undefined) {
        const cost = step.cost ?? 0
        expect(book.settle(claimOf(step.settle), cost)).toBe(true)
        book.record(cost)
      } else if (step.release !== undefined) book.leave(claimOf(step.release))
      else if (step.raise !== undefined) book.raise(step.raise)
      const narrow = book.decide().flatMap((decision) => (decision.verdict === 'too narrow' ? [decision.claim.owner] : []))
      if (step.raise !== undefined) book.record(0)
      const verdictOf = (id: string, claim: Claim<string>): string => {
        if (narrow.includes(id)) return 'too narrow'
        if (book.open.has(claim)) return 'held'
        return book.stuck.includes(claim) ? 'exhausted' : 'waiting'
      }
      const verdicts = Object.fromEntries([...claims].map(([id, claim]) => [id, verdictOf(id, claim)]))
      expect({ claims: verdicts, spent: book.spent, reserved: book.reserved, isWarned: book.isWarned }).toEqual(step.after)
      for (const id of narrow) claims.delete(id)
      expect(book.spent + book.reserved).toBeLessThanOrEqual(book.limit)
    }
  })
})

describe('breakers', () => {
  it.each(cases.breakers)('$name', ({ policy, steps }) => {
    let breaker: Breaker = newBreaker(0)
    const epochs = new Map<string, number>()
    const apply = (event: BreakerEvent): void => void (breaker = reduceBreaker(breaker, event, policy))
    for (const { at, begin, price = 0, end, outcome = 'ok', detail = null, retryAfterMs = null, reset, after, may, isProbe: probes } of steps) {
      if (begin !== undefined) {
        apply({ kind: 'begin', at, callId: begin, price })
        epochs.set(begin, breaker.epoch)
        expect([isAllowed(breaker, begin), isProbe(breaker, begin)]).toEqual([may, probes])
      } else if (end !== undefined) apply({ kind: 'end', at, callId: end, epoch: epochs.get(end) ?? -1, outcome, detail, retryAfterMs })
      else apply({ kind: reset === true ? 'reset' : 'tick', at })
      const { phase, failuresInARow, calls, failures, blocked, saved, recoveries, reason } = breaker
      expect({ state: phase.kind, retryAt: retryAt(breaker), failuresInARow, calls, failures, blocked, saved, recoveries, reason }).toEqual(after)
    }
  })
})

describe('fallbacks', () => {
  it.each(cases.fallbacks)('$name', async ({ declare: { price, ...declared }, unit, steps, view }) => {
    const test = await openTestServices({ dataFolder: folders.make(), unitOf: () => unit })
    try {
      await test.launch()
      test.desk.declare(AGENT, { name: 'people', ...declared, ...(price === undefined ? {} : { pricePerCall: parseDollars(price) ?? NaN }) })
      const ids = new Map<string, string>()
      for (const step of steps) {
        if (step.advanceMs !== undefined) test.clock.advance(step.advanceMs)
        else if (step.begin !== undefined) {
          const { callId, ...verdict } = test.desk.begin({ agentId: AGENT, service: 'people', endpoint: '', key: step.key ?? null })
          ids.set(step.begin, callId)
          expect(verdict).toEqual(step.verdict)
        } else if (step.end !== undefined) {
          const { outcome = 'ok', detail = null, retryAfterMs = null, again = false, value, isOpen } = step
          const callId = ids.get(step.end) ?? ''
          const ending = test.desk.end({ agentId: AGENT, callId, outcome, detail, retryAfterMs, again, ...(value === undefined ? {} : { value }) })
          expect(ending).toEqual({ instead: step.instead, isOpen: isOpen ?? ending.isOpen })
        } else if (step.served !== undefined) test.desk.served(AGENT, ids.get(step.served) ?? '', step.tier ?? 'failed')
      }
      expect(test.view('people')).toMatchObject(view)
      expect(test.defects).toEqual([])
    } finally {
      await test.close()
    }
  })
})

const formats = {
  work: formatWork,
  spentOf: (spent: number, limit: number) => `${formatSpent(spent, limit)} / ${formatSmallMoney(limit)}`,
  money: formatMoney,
  smallMoney: formatSmallMoney,
  percent: formatPercent,
  success: formatSuccess,
  throughput: formatThroughput,
  percentile: formatPercentile,
  blocked: formatBlocked,
  saved: formatSaved,
  viaFallback: (served: ServedCounts) => formatViaFallback(served),
  duration: formatDuration,
  cooldown: formatCooldown,
  service: formatService,
  breaker: formatBreaker,
}

describe('formats', () => {
  it.each(cases.formats)('$format of $arguments is $text', ({ format, arguments: given, text }) => {
    expect((formats[format] as (...given: readonly unknown[]) => string | null)(...given)).toBe(text)
  })
})

it('the prices that MockRuntime counts with stand in the price list', () => {
  const { models } = shippedJson() as { models: Record<string, { contextTokens: number; mostOutputTokens: number; prices: Record<string, string> }> }
  const listed = readJson('prices.json') as Record<string, unknown>
  const shipped = Object.keys(listed).map((name): [string, unknown] => {
    const { contextTokens, mostOutputTokens, prices = {} } = models[name] ?? {}
    return [name, { contextTokens, mostOutputTokens, input: prices.input, output: prices.output ?? '0' }]
  })
  expect(Object.fromEntries(shipped)).toEqual(listed)
})
