import { describe, expect, it } from 'vitest'
import { parseCommandLine } from './commandLine.ts'
import { demoAsked } from './demoAsked.ts'

const asked = (words: string): unknown => {
  const line = parseCommandLine(['demo', ...words.split(' ').filter((word) => word !== '')])
  if (!('options' in line)) throw new Error('It asked for something else.')
  return demoAsked(line.options)
}

describe('what iron_cage demo is asked for', () => {
  it.each([
    ['', { kind: 'run', speed: 1 }],
    ['--speed 10', { kind: 'run', speed: 10 }],
    ['--speed 0.5', { kind: 'run', speed: 0.5 }],
    ['--speed max', { kind: 'run', speed: 'max' }],
    ['--go-on', { kind: 'goOn' }],
    ['--reset', { kind: 'reset' }],
    ['--rehearse 10', { kind: 'rehearse', runs: 10, speed: 'max', isApproving: true }],
    ['--rehearse 2 --speed 10 --no-approve', { kind: 'rehearse', runs: 2, speed: 10, isApproving: false }],
  ])('%s', (words, what) => {
    expect(asked(words)).toEqual(what)
  })

  it.each([
    ['--speed fast', '--speed is "fast", but must be a number from 0.1 to 100, or max.'],
    ['--speed 0', '--speed is "0", but must be a number from 0.1 to 100, or max.'],
    ['--speed 1e1', '--speed is "1e1", but must be a number from 0.1 to 100, or max.'],
    ['--rehearse 0', '--rehearse is "0", but must be a whole number from 1 to 1000.'],
    ['--rehearse some', '--rehearse is "some", but must be a whole number from 1 to 1000.'],
    ['--reset --go-on', '--go-on and --reset do not go together: give one of them.'],
    ['--reset --rehearse 2', '--reset and --rehearse do not go together: give one of them.'],
    ['--reset --speed 10', '--speed does not go with --reset: the demo keeps the speed that it has.'],
    ['--no-approve', '--no-approve is for --rehearse alone: in a demo somebody decides in the room.'],
  ])('refuses %s', (words, sentence) => {
    expect(() => asked(words)).toThrow(sentence)
  })
})
