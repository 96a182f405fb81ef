import { createEventBus } from '../events/eventBus.ts'
import { createSafetyDesk } from '../safety/desk/createSafetyDesk.ts'
import { createScanner } from '../safety/scan/createScanner.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { nextTurn } from '../nextTurn.ts'
import { keysOfMaster } from '../secrets/testKeys.ts'
import { systemClock, systemRandom } from '../systemPorts.ts'
import { openState } from './openState.ts'
import { changed } from './testEvents.ts'

/** A process whose agents find private data as fast as they can and that says what stands in the audit, until somebody kills it. */
const [dataFolder = '', masterKey = ''] = process.argv.slice(2)
const keys = await keysOfMaster({ environment: { IRON_SECRETS_MASTER_KEY: masterKey }, keychain: null })
const state = await openState({ dataFolder, clock: systemClock, auditKey: keys.derive('audit') })
const fail = (problem: unknown): never => {
  throw problem
}
const bus = await createEventBus({ events: state.events, clock: systemClock, onDefect: fail })
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)
bus.listen((events) => {
  for (const event of events) if (event.name === 'safety.recorded') say({ recorded: event.payload.records.map(({ id, valueHash }) => [id, valueHash]) })
})
const desk = await createSafetyDesk({
  state,
  bus,
  clock: systemClock,
  random: systemRandom,
  keys,
  halt: async () => {},
  secretsOf: () => [],
  createScanner,
  onDefect: fail,
  onFailure: fail,
})
const agent = sampleAgent()
await bus.announce(changed(agent))
for (let round = 0; ; round++) {
  const text = `Contact invented-${round}@acme.com and cfo-${round}@acme.com`
  desk.judge({ agentId: agent.id, callId: null, direction: 'to-model', place: 'messages[0]', text, base: 0, matches: desk.scannerFor(agent.id).scan(text) })
  await nextTurn()
}
