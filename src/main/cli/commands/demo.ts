import type { ControlRoomClient } from '../../../shared/client.ts'
import type { Demo } from '../../../shared/domain/demo.ts'
import { AppError, type JsonValue } from '../../../shared/errors.ts'
import type { HostedRoom } from '../../hostedRoom.ts'
import { findInstance } from '../../state/ownership.ts'
import { systemClock } from '../../systemPorts.ts'
import { askTwice } from '../askTwice.ts'
import { connect } from '../connection.ts'
import { withClient, type Command, type CommandContext } from '../context.ts'
import { demoAsked, type DemoAsked } from '../demoAsked.ts'
import { followDemo, type DemoFollowing, type Say } from '../demoFollowing.ts'
import { describeEngine } from '../demoTeller.ts'
import { exitCode, exitCodeOfInterruption } from '../exitCodes.ts'
import { isAtLeast } from '../notes.ts'
import { CLOSING, openServedRoom, tellServedRoom } from '../servedRoom.ts'

type Started = Extract<DemoAsked, { kind: 'run' | 'goOn' }>

export const demo: Command = async (context) => {
  const asked = demoAsked(context.line.options)
  if (asked.kind === 'rehearse') return (await import('./rehearse.ts')).rehearseDemo(context, asked)
  if (asked.kind === 'reset') return reset(context)
  return present(context, asked)
}

function reset(context: CommandContext): Promise<number> {
  return withClient(context, async (client) => {
    await client.request('demo.reset', {})
    await sayer(context)('The demo is back at its start.', { kind: 'reset' })
    return exitCode('done')
  })
}

/** In the room that is open; else in one of this terminal's, which stays until somebody ends it. */
async function present(context: CommandContext, asked: Started): Promise<number> {
  const { notes } = context
  const interruptions = context.interruptions()
  const ended = Promise.withResolvers<number>()
  ended.promise.catch(() => undefined)
  let own: HostedRoom | null = null
  const connection = await connect({
    dataFolder: context.dataFolder,
    openOwn: async () => {
      own = await openServedRoom(context, {
        onStopRequested: (problem) => (problem === undefined ? ended.resolve(exitCode('done')) : ended.reject(problem)),
        // What the demo does is told in a line for ten leads; the page lists all of it.
        isWorthALine: ({ level }) => isAtLeast(level, 'WARN'),
      })
      return own
    },
  })
  let following: DemoFollowing | null = null
  try {
    const { client } = connection
    const say = sayer(context)
    const { engine } = await begin(client, asked)
    if (own !== null) await tellServedRoom(context, own)
    else await say(`The demo runs in the room that is open at ${findInstance(context.dataFolder)?.url ?? 'another place'}`, { kind: 'joined', url: findInstance(context.dataFolder)?.url ?? null })
    if (engine.python !== null) notes.say('INFO', 'demo.engine', describeEngine(engine))
    const followed = followDemo(client, say)
    following = followed
    const lead = (): number => followed.run?.lead ?? 0
    if (connection.isOwn) {
      interruptions.listen(
        askTwice({
          clock: systemClock,
          isWorthAsking: () => followed.run !== null && followed.run.phase !== 'over',
          ask: () => notes.say('WARN', 'demo.asked', `The demo is at lead ${lead()}; Ctrl-C again within 5 s to end it, and this room with it.`),
          end: () => ended.resolve(exitCode('done')),
          isEnding: () => notes.say('WARN', 'host.stopping', CLOSING),
        }),
      )
      keepOpen(followed, context).catch(ended.reject)
    } else {
      interruptions.listen((interruption, isFirst) => {
        if (isFirst) notes.say('INFO', 'demo.left', `The demo goes on in its room, at lead ${lead()}; "iron_cage demo --reset" ends it there.`)
        ended.resolve(exitCodeOfInterruption(interruption))
      })
      followed.nextEnd().then((end) => ended.resolve(exitCode(end === 'over' ? 'done' : 'stoppedElsewhere')), ended.reject)
    }
    return await ended.promise
  } finally {
    following?.close()
    await connection.close()
  }
}

async function begin(client: ControlRoomClient, asked: Started): Promise<Demo> {
  if (asked.kind === 'goOn') return client.request('demo.goOn', {})
  const { run } = await client.request('demo.show', {})
  if (run?.phase !== 'interrupted') return client.request('demo.start', { speed: asked.speed })
  throw new AppError(
    'CONFLICT',
    `The demo was interrupted at lead ${run.lead} of ${run.leads}: it goes on there with "iron_cage demo --go-on"; "iron_cage demo --reset" brings it back to its start.`,
  )
}

/** The audience may still look at what came of it. */
async function keepOpen(following: DemoFollowing, { notes }: CommandContext): Promise<never> {
  for (;;) {
    const end = await following.nextEnd()
    if (end === 'over') notes.say('INFO', 'demo.over', 'The room stays open for whoever looks on; Ctrl-C closes it.')
  }
}

/** Lines for people, an object each for programs. */
function sayer({ screen, line }: CommandContext): Say {
  return (text, facts: Readonly<Record<string, JsonValue>>) => screen.out(`${line.options.json ? JSON.stringify({ ...facts, message: text }) : text}\n`)
}
