import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LARGEST_BUDGET } from '../../shared/domain/money.ts'
import { createBudgetBook, type BudgetBook, type Claim } from './budgetBook.ts'

const bookOf = (limit: number, spent = 0): BudgetBook<string> => createBudgetBook({ limit, spent, raises: 0 })

/** A claim of which no closer bound is to be had. */
function claim(book: BudgetBook<string>, name: string, amount: number): Claim<string> {
  const entered = book.enter(name, amount)
  book.bound(entered, amount)
  return entered
}

const verdicts = (book: BudgetBook<string>): string[] => book.decide().map(({ claim: { owner }, verdict }) => `${owner} ${verdict}`)

describe('a claim', () => {
  it.each([
    [100, 0, 100, 'a fits'],
    [100, 0, 101, 'a exhausted'],
    [100, 100, 0, 'a fits'],
    [100, 100, 1, 'a exhausted'],
    [100, 99, 1, 'a fits'],
    // Somebody billed beyond a worst case before.
    [100, 120, 0, 'a exhausted'],
    [0, 0, 1, 'a exhausted'],
    [LARGEST_BUDGET, LARGEST_BUDGET - 1, 1, 'a fits'],
  ])('with a limit of %d, of which %d are spent, for %d: %s', (limit, spent, amount, verdict) => {
    const book = bookOf(limit, spent)
    claim(book, 'a', amount)
    expect(verdicts(book)).toEqual([verdict])
  })

  it('waits while others hold what it needs, and goes on when they give it back', () => {
    const book = bookOf(100)
    const first = claim(book, 'first', 80)
    claim(book, 'second', 50)
    expect(verdicts(book)).toEqual(['first fits'])
    book.settle(first, 30)
    expect(verdicts(book)).toEqual(['second fits'])
    expect([book.spent, book.reserved]).toEqual([30, 50])
  })

  it('is told that it does not fit once others have used up what it waited for', () => {
    const book = bookOf(100)
    const first = claim(book, 'first', 80)
    claim(book, 'second', 50)
    expect(verdicts(book)).toEqual(['first fits'])
    book.settle(first, 80)
    expect(verdicts(book)).toEqual(['second exhausted'])
  })

  it('is not told so while a closer bound is looked for, and fits by the closer one', () => {
    const book = bookOf(100)
    const loose = book.enter('loose', 400)
    expect(verdicts(book)).toEqual([])
    book.bound(loose, 90)
    expect(verdicts(book)).toEqual(['loose fits'])
    expect(book.reserved).toBe(90)
  })

  it('never holds more than its first bound, whatever the second says', () => {
    const book = bookOf(100)
    const loose = book.enter('loose', 110)
    book.bound(loose, 5_000)
    expect(loose.amount).toBe(110)
  })

  it('keeps what it was given when the closer bound comes too late', () => {
    const book = bookOf(100)
    const loose = book.enter('loose', 90)
    expect(verdicts(book)).toEqual(['loose fits'])
    book.bound(loose, 10)
    book.settle(loose, 0)
    expect([book.spent, book.reserved]).toEqual([0, 0])
  })

  it('is settled once', () => {
    const book = bookOf(100)
    const only = claim(book, 'only', 10)
    book.decide()
    expect([book.settle(only, 4), book.settle(only, 4)]).toEqual([true, false])
    expect([book.spent, book.reserved]).toEqual([4, 0])
  })
})

describe('the line', () => {
  it('lets nobody past a large claim that only waits for others', () => {
    const book = bookOf(100)
    const first = claim(book, 'first', 60)
    claim(book, 'large', 70)
    claim(book, 'small', 1)
    expect(verdicts(book)).toEqual(['first fits'])
    book.settle(first, 10)
    expect(verdicts(book)).toEqual(['large fits', 'small fits'])
  })

  it('lets everybody past a claim that fits only after a raise', () => {
    const book = bookOf(100, 50)
    claim(book, 'large', 70)
    claim(book, 'small', 1)
    expect(verdicts(book)).toEqual(['large exhausted', 'small fits'])
  })

  it('lets others past while a bound is looked for that would not fit anyway', () => {
    const book = bookOf(100)
    book.enter('counting', 200)
    claim(book, 'small', 1)
    expect(verdicts(book)).toEqual(['small fits'])
  })

  it('tells those who can never fit, even behind one who waits', () => {
    const book = bookOf(100)
    claim(book, 'first', 60)
    claim(book, 'waits', 70)
    claim(book, 'never', 101)
    expect(verdicts(book)).toEqual(['first fits', 'never exhausted'])
  })

  it('moves up when one who waited leaves', () => {
    const book = bookOf(100)
    claim(book, 'first', 60)
    const large = claim(book, 'large', 70)
    claim(book, 'small', 1)
    book.decide()
    book.leave(large)
    expect(verdicts(book)).toEqual(['small fits'])
  })
})

describe('a raise', () => {
  it('brings back those who fit then, in their old places', () => {
    const book = bookOf(100, 100)
    claim(book, 'one', 30)
    claim(book, 'two', 500)
    claim(book, 'three', 20)
    book.decide()
    expect(book.raise(40).map(({ owner }) => owner)).toEqual(['one', 'three'])
    claim(book, 'four', 5)
    // Three waits for one, and four is behind it.
    expect(verdicts(book)).toEqual(['one fits'])
    expect(book.line.map(({ owner }) => owner)).toEqual(['three', 'four'])
    expect(book.stuck.map(({ owner }) => owner)).toEqual(['two'])
  })

  it('puts who comes back before those who came later and wait already', () => {
    const book = bookOf(100)
    claim(book, 'first', 60)
    claim(book, 'stuck', 150)
    claim(book, 'waits', 50)
    expect(verdicts(book)).toEqual(['first fits', 'stuck exhausted'])
    book.raise(100)
    expect(book.line.map(({ owner }) => owner)).toEqual(['stuck', 'waits'])
    expect(verdicts(book)).toEqual([])
  })

  it('makes a new limit with a new warning', () => {
    const book = bookOf(100)
    expect([book.record(89), book.record(1), book.record(1)]).toEqual([false, true, false])
    expect([book.exhaust(), book.exhaust()]).toEqual([true, false])
    book.raise(1)
    expect([book.isWarned, book.isExhausted, book.record(0)]).toEqual([false, false, true])
  })

  it('goes no further than a budget may', () => {
    const book = bookOf(LARGEST_BUDGET - 1)
    expect(() => book.raise(2)).toThrow(RangeError)
    book.raise(1)
    expect(book.limit).toBe(LARGEST_BUDGET)
  })
})

it('knows after a restart whether it has warned', () => {
  expect([bookOf(100, 89).isWarned, bookOf(100, 90).isWarned]).toEqual([false, true])
})

/** What may happen to a book, drawn by the property below. */
type Step =
  | { readonly kind: 'enter'; readonly amount: number; readonly closer: number | null }
  | { readonly kind: 'bound'; readonly which: number }
  | { readonly kind: 'leave'; readonly which: number }
  | { readonly kind: 'settle'; readonly which: number; readonly share: number }
  | { readonly kind: 'raise'; readonly by: number }

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 5, arbitrary: fc.record({ kind: fc.constant('enter' as const), amount: fc.nat(120), closer: fc.option(fc.nat(120)) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('bound' as const), which: fc.nat(50) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('leave' as const), which: fc.nat(50) }) },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('settle' as const), which: fc.nat(50), share: fc.integer({ min: 0, max: 130 }) }) },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant('raise' as const), by: fc.integer({ min: 1, max: 60 }) }) },
  ),
  { maxLength: 60 },
)

describe('in any order of what may happen', () => {
  it('the limit holds but for what was billed beyond worst cases, nobody overtakes, nothing is left over', () => {
    fc.assert(
      fc.property(fc.nat(200), steps, (limit, drawn) => {
        const book = createBudgetBook<{ closer: number | null }>({ limit, spent: 0, raises: 0 })
        type Mine = Claim<{ closer: number | null }>
        let raised = 0
        let charged = 0
        let overbilled = 0
        const held: Mine[] = []
        const counting: Mine[] = []
        const pick = (from: Mine[], which: number): Mine | undefined => from.splice(which % Math.max(1, from.length), 1)[0]

        const settle = (one: Mine, share: number): void => {
          const bill = Math.floor((one.amount * share) / 100)
          charged += bill
          overbilled += Math.max(0, bill - one.amount)
          expect(book.settle(one, bill)).toBe(true)
          book.record(bill)
        }
        const decide = (): void => {
          const before = [...book.line]
          const roomBefore = book.limit - book.spent
          for (const { claim: one, verdict } of book.decide()) {
            if (verdict === 'exhausted') {
              expect(one.amount).toBeGreaterThan(roomBefore)
              continue
            }
            held.push(one)
            // Whoever came earlier and only waited for others went on before.
            const passed = before.slice(0, before.indexOf(one)).filter((other) => book.line.includes(other) && other.amount <= roomBefore)
            expect(passed).toEqual([])
          }
          const reserved = [...book.open].reduce((sum, { amount }) => sum + amount, 0)
          expect(book.reserved).toBe(reserved)
          expect(book.spent + book.reserved).toBeLessThanOrEqual(book.limit + overbilled)
        }

        for (const step of drawn) {
          if (step.kind === 'enter') {
            const entered = book.enter({ closer: step.closer }, step.amount)
            if (step.closer === null) book.bound(entered, step.amount)
            else counting.push(entered)
          } else if (step.kind === 'bound') {
            const one = pick(counting, step.which)
            if (one) book.bound(one, one.owner.closer ?? one.amount)
          } else if (step.kind === 'raise') {
            book.raise(step.by)
            raised += step.by
            book.record(0)
          } else if (step.kind === 'leave') {
            const waiting = [...book.line, ...book.stuck]
            const one = waiting[step.which % Math.max(1, waiting.length)]
            if (one) book.leave(one)
          } else {
            const one = pick(held, step.which)
            if (one) settle(one, step.share)
          }
          decide()
        }

        for (const one of counting) book.bound(one, one.owner.closer ?? one.amount)
        decide()
        for (let one = pick(held, 0); one; one = pick(held, 0)) {
          settle(one, 100)
          decide()
        }
        expect([book.open.size, book.line.length, book.reserved]).toEqual([0, 0, 0])
        expect([book.spent, book.limit, book.isWarned]).toEqual([charged, limit + raised, charged >= book.limit - Math.floor(book.limit / 10)])
      }),
      { numRuns: 1_000 },
    )
  })
})
