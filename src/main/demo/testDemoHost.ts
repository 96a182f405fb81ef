import { systemClock, systemRandom } from '../systemPorts.ts'
import { composeControlRoom } from '../compose.ts'
import { OWNER } from '../access/owner.ts'

/** A room in a process of its own, which is killed or has no network. `node testDemoHost.ts <data folder> <hold at>` */
const [dataFolder = '', holdAt = '100'] = process.argv.slice(2)
const room = await composeControlRoom({ clock: systemClock, random: systemRandom, dataFolder, host: 'browser', version: '1.2.3', environment: process.env, onStopRequested: () => undefined })
const say = (word: string): void => void process.stdout.write(`${word}\n`)
room.bus.listen((events) => {
  for (const event of events) {
    if (event.name === 'performance.changed' && event.payload.performance.done === Number(holdAt) - 1) say('held')
    if (event.name === 'agent.exited') say(`exited ${event.payload.exit.code}`)
    if (event.name === 'budget.warned') void room.router.request('budget.raise', { agentId: event.agentId, by: 25_000_000_000, reason: 'the rest of the list' }, OWNER)
  }
})
await room.router.request('demo.start', { speed: 'max' }, OWNER)
await room.router.request('demo.pace', { isPaused: holdAt !== '100', skipTo: Number(holdAt) }, OWNER)
say('started')
// Somebody ends it.
setInterval(() => undefined, 60_000)
