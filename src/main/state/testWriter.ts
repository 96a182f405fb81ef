import { createEventBus } from '../events/eventBus.ts'
import { systemClock } from '../systemPorts.ts'
import { openState } from './openState.ts'
import { sampleAgent } from '../../shared/domain/testAgents.ts'
import { changed, note } from './testEvents.ts'

/** A process that writes as fast as it can and says what it was promised, until somebody kills it. */
const [dataFolder = ''] = process.argv.slice(2)
const state = await openState({ dataFolder, clock: systemClock })
const bus = await createEventBus({
  events: state.events,
  clock: systemClock,
  onDefect: (defect) => {
    throw defect
  },
})
const say = (line: object): void => void process.stdout.write(`${JSON.stringify(line)}\n`)

bus.listen((events) => say({ heard: events.map(({ seq, message }) => [seq, message]) }))
for (let round = 0; ; round++) {
  const message = `round ${round} of ${process.pid}`
  const promises = Array.from({ length: 1 + (round % 90) }, () => bus.announce(note(message, 'sa-00000001')))
  promises.push(bus.announce(changed(sampleAgent({ restarts: round, reason: message }))))
  for (const event of await Promise.all(promises)) if (event.message === message) say({ stored: event.seq })
  if (round % 10 === 0) {
    await state.checkpoints.save('sa-00000001', { document: { round } }, round)
    say({ checkpoint: round })
  }
}
