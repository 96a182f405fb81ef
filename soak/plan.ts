import { createDice, type Dice } from './dice.ts'

/** What is done to the room, and when: drawn from the seed before anything is, so that the same seed is the same plan. */

export const WORK = ['start', 'start', 'start', 'stop', 'restart', 'remove', 'remove', 'rotate', 'decide', 'decide', 'killAgent', 'killAgent', 'read'] as const
export const DISTURBANCES = ['killRoom', 'stopRoom', 'fillDisk', 'lockShortly', 'lockLong', 'jumpAhead', 'jumpBack'] as const

export type Deed = (typeof WORK)[number] | (typeof DISTURBANCES)[number]

export interface Step {
  readonly atMs: number
  readonly deed: Deed
  /** From 0 to 1: of which agent, by how much. */
  readonly chance: number
}

export interface Plan {
  readonly steps: readonly Step[]
  /** From here on nothing but work: memory is read against memory. */
  readonly calmFromMs: number
  readonly lengthMs: number
}

const WORK_EVERY_MS = 800
const CALM_SHARE = 0.3
/** Between two disturbances a room comes back and works again. */
const DISTURBED_EVERY_MS = { shortest: 2_500, usual: 14_000 }

export function drawPlan(seed: number, lengthMs: number): Plan {
  const dice = createDice(seed)
  const calmFromMs = Math.round(lengthMs * (1 - CALM_SHARE))
  const steps = [...drawWork(dice, lengthMs), ...drawDisturbances(dice, calmFromMs)]
  return { steps: steps.sort((one, other) => one.atMs - other.atMs), calmFromMs, lengthMs }
}

function drawWork(dice: Dice, lengthMs: number): Step[] {
  const steps: Step[] = []
  for (let atMs = 0; atMs < lengthMs; atMs += dice.between(WORK_EVERY_MS / 2, WORK_EVERY_MS * 1.5)) {
    // There is somebody at work from the beginning.
    steps.push({ atMs, deed: steps.length < 3 ? 'start' : dice.pick(WORK), chance: dice.fraction() })
  }
  return steps
}

/** Each kind as often as every other, in an order of its own each time round. */
function drawDisturbances(dice: Dice, untilMs: number): Step[] {
  const everyMs = Math.max(DISTURBED_EVERY_MS.shortest, Math.min(DISTURBED_EVERY_MS.usual, untilMs / (DISTURBANCES.length + 1)))
  const steps: Step[] = []
  let round: Deed[] = []
  for (let atMs = everyMs; atMs < untilMs; atMs += everyMs) {
    if (round.length === 0) round = dice.shuffled(DISTURBANCES)
    steps.push({ atMs: Math.round(atMs), deed: round.shift()!, chance: dice.fraction() })
  }
  return steps
}
