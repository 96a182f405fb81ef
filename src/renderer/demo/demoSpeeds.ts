import type { DemoSpeed } from '../../shared/domain/demo.ts'

export interface SpeedChoice {
  readonly speed: DemoSpeed
  readonly word: string
  /** How long a hundred leads take. */
  readonly length: string
}

export const SPEED_CHOICES: readonly SpeedChoice[] = [
  { speed: 1, word: 'On stage', length: '28 minutes' },
  { speed: 10, word: 'Rehearsal', length: '3 minutes' },
  { speed: 'max', word: 'As fast as it can', length: 'without a pause' },
]

const STRIP_SPEEDS: readonly DemoSpeed[] = [1, 2, 10, 'max']

/** What can be chosen while it runs; one that was asked for elsewhere stands among them. */
export const speedsBeside = (speed: DemoSpeed): readonly DemoSpeed[] => (STRIP_SPEEDS.includes(speed) ? STRIP_SPEEDS : [speed, ...STRIP_SPEEDS])

export const speedWord = (speed: DemoSpeed): string => (speed === 'max' ? 'max' : `${speed}×`)

/** As a choice is written down, and read back; null where it is none. */
export function readSpeed(text: string | null): DemoSpeed | null {
  if (text === 'max') return 'max'
  const speed = Number(text)
  return text !== null && speed >= 0.1 && speed <= 100 ? speed : null
}
