import { afterEach, describe, expect, it } from 'vitest'
import { CENT, DOLLAR } from '../budget/testDesk.ts'
import { ask, CHAT, createTestGateway, type TestGateway } from './testGateway.ts'
import { answerJson, chatAnswer } from './testUpstream.ts'

let test: TestGateway
afterEach(() => test.close())

/** A thousand tokens of output at most, and what its bytes may be: somewhat more than a fifth of a cent. */
const SMALL = { ...CHAT, model: 'gpt-3.5-turbo', max_tokens: 1_000 }
const PRICE = 2_000

describe('Fifty calls at once with one cent left', () => {
  it('never pass the limit, and are charged what the upstream billed', async () => {
    test = await createTestGateway({ plan: { budget: DOLLAR, atLimit: 'end' } })
    const bill = (prompt: number, completion: number): number => (prompt + completion) * PRICE
    let billed = 0
    const charge = (prompt: number, completion: number): void => {
      test.upstream.script = (response) => {
        billed += bill(prompt, completion)
        answerJson(response, { ...chatAnswer({ prompt_tokens: prompt, completion_tokens: completion }), model: 'gpt-3.5-turbo' })
      }
    }
    // The provider bills more than it announced here: $0.99 are gone with one call.
    charge(494_000, 1_000)
    await ask(`${test.openai}/chat/completions`, SMALL)
    await test.finished(1)
    await test.desk.settled()
    expect(test.desk.desk.status('lg-7a3f9c2d').spent).toBe(99 * CENT)

    charge(20, 1_000)
    const answers = await Promise.all(Array.from({ length: 50 }, () => ask(`${test.openai}/chat/completions`, SMALL)))
    await test.finished(51)
    await test.desk.settled()
    const { spent, reserved } = test.desk.desk.status('lg-7a3f9c2d')
    expect(spent).toBe(billed)
    expect(spent).toBeLessThanOrEqual(DOLLAR)
    expect(reserved).toBe(0)
    const [totals] = await test.desk.state.ledger.totals()
    expect(totals?.spent).toBe(billed)
    expect(await test.desk.state.ledger.openReservations()).toEqual([])
    const served = answers.filter(({ status }) => status === 200)
    expect(test.upstream.seen).toHaveLength(1 + served.length)
    // As many as fit, and none more.
    expect(served).toHaveLength(4)
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 402]))
  })
})
