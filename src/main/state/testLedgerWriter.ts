import type { Attempt, CallId } from '../../shared/domain/llm.ts'
import { sampleAttempt, sampleCall, sampleReceipt } from '../../shared/domain/testCalls.ts'
import { createEventBus } from '../events/eventBus.ts'
import { nextTurn } from '../nextTurn.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { openState } from './openState.ts'
import { finished } from './testEvents.ts'

/** A process that reserves and settles as fast as it can and says what it was promised, until somebody kills it. */
const [dataFolder = ''] = process.argv.slice(2)
const PARALLEL = 8
const { ledger, ...state } = await openState({ dataFolder, clock: systemClock })
const bus = await createEventBus({
  events: state.events,
  clock: systemClock,
  onDefect: (defect) => {
    throw defect
  },
})
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

/** One, two or three attempts, and sometimes more used than was held. */
async function call(round: number, place: number): Promise<void> {
  const agentId = `sa-0000000${place % 3}`
  const callId: CallId = `call-${systemRandom.hex(8)}`
  const attempts: Attempt[] = []
  for (let number = 1; number <= 1 + ((round + place) % 3); number++) {
    const [amount, total] = [1_000, round % 1_700]
    ledger.append([{ kind: 'reserve', agentId, at: round, callId, attempt: number, model: 'gpt-4', amount }])
    say({ reserved: [callId, number, amount] })
    attempts.push(sampleAttempt({ reserved: amount, receipt: sampleReceipt(total) }))
    await nextTurn()
  }
  const over = sampleCall({ id: callId, agentId, attempts })
  await bus.announce(finished(over))
  say({ finished: [callId, over.cost] })
}

for (let round = 0; ; round++) await Promise.all(Array.from({ length: PARALLEL }, (_, place) => call(round, place)))
