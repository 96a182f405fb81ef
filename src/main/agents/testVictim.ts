import { createTestSupervisor, planOf } from './testSupervisor.ts'

/** A room that will be killed: it runs an agent with a child that outlives everything, and says their pids. For specs only. */
const [folder = ''] = process.argv.slice(2)
const room = await createTestSupervisor(folder)
const text = 'trap "" HUP; setsid nohup sleep 60 >/dev/null 2>&1 & echo "away $!"; while :; do sleep 1; done'
const { id, pid } = await room.supervisor.launch(planOf('sh', text))
const output = await room.shown(id, 'away ')
const away = Number(/away (\d+)/.exec(output)?.[1])
process.stdout.write(`${JSON.stringify({ id, pids: [pid, away] })}\n`)
