import type { AgentStatus } from '../../shared/domain/agent.ts'
import type { Millis } from '../../shared/domain/units.ts'

/** Why somebody ends a running agent, and so what it is afterwards. */
export type StopCause = 'asked' | 'blocked' | 'over-budget'
/** A stop on the way to a new start never settles: whoever waits for the agent's end goes on waiting. */
export type EndCause = StopCause | 'restart'

export type Lifecycle =
  | { readonly status: 'starting' }
  | { readonly status: 'running'; readonly pid: number; readonly since: Millis }
  | { readonly status: 'stopping'; readonly pid: number; readonly cause: EndCause }
  | { readonly status: 'restarting'; readonly at: Millis }
  | { readonly status: 'stopped' }
  | { readonly status: 'crashed' }
  | { readonly status: 'blocked' }
  | { readonly status: 'over-budget' }

export type Happening =
  | { readonly kind: 'startAsked' }
  | { readonly kind: 'spawned'; readonly pid: number; readonly at: Millis }
  | { readonly kind: 'spawnFailed' }
  | { readonly kind: 'stopAsked'; readonly cause: EndCause }
  /** The process ended by itself and everything that it left behind is gone. */
  | { readonly kind: 'finished' }
  | { readonly kind: 'crashed' }
  | { readonly kind: 'restartPlanned'; readonly at: Millis }
  /** After a stop was asked for: nothing of the process is left. */
  | { readonly kind: 'ended' }
  | { readonly kind: 'restartDue' }
  /** The room died while the agent ran, and has found that out. */
  | { readonly kind: 'lost' }

type Step<S extends Lifecycle, H extends Happening> = (state: S, happening: H) => Lifecycle
type Steps<S extends Lifecycle> = { readonly [K in Happening['kind']]?: Step<S, Extract<Happening, { kind: K }>> }
type Table = { readonly [T in AgentStatus]: Steps<Extract<Lifecycle, { status: T }>> }

const start = (): Lifecycle => ({ status: 'starting' })
const crash = (): Lifecycle => ({ status: 'crashed' })
const endedBy = (cause: EndCause): Lifecycle => (cause === 'restart' ? start() : { status: cause === 'asked' ? 'stopped' : cause })

/** Every legal step stands here; what does not stand here cannot happen. */
const TABLE: Table = {
  starting: {
    spawned: (_state, { pid, at }) => ({ status: 'running', pid, since: at }),
    spawnFailed: crash,
    lost: crash,
  },
  running: {
    stopAsked: ({ pid }, { cause }) => ({ status: 'stopping', pid, cause }),
    finished: () => ({ status: 'stopped' }),
    crashed: crash,
    restartPlanned: (_state, { at }) => ({ status: 'restarting', at }),
    lost: crash,
  },
  stopping: {
    ended: ({ cause }) => endedBy(cause),
    lost: crash,
  },
  restarting: {
    restartDue: start,
    stopAsked: (_state, { cause }) => endedBy(cause),
    lost: crash,
  },
  stopped: { startAsked: start },
  crashed: { startAsked: start },
  blocked: { startAsked: start },
  'over-budget': { startAsked: start },
}

export class IllegalStep extends Error {
  constructor(state: Lifecycle, happening: Happening) {
    super(`An agent that is ${state.status} cannot meet "${happening.kind}".`)
    this.name = 'IllegalStep'
  }
}

export function advance(state: Lifecycle, happening: Happening): Lifecycle {
  const steps = TABLE[state.status] as Partial<Record<Happening['kind'], Step<Lifecycle, Happening>>>
  const step = steps[happening.kind]
  if (!step) throw new IllegalStep(state, happening)
  return step(state, happening)
}
