import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { catchInterruptions, type Interruption } from './interruptions.ts'

function setUp() {
  const source = new EventEmitter() as unknown as NodeJS.Process
  let now = 0
  const interruptions = catchInterruptions(source, { now: () => now, after: () => ({ cancel: () => undefined }) })
  const heard: [Interruption, boolean][] = []
  const listen = (): void => interruptions.listen((interruption, isFirst) => heard.push([interruption, isFirst]))
  return { source, interruptions, heard, listen, pass: (ms: number) => (now += ms) }
}

it('tells the first from those after it', () => {
  const { source, interruptions, heard, listen, pass } = setUp()
  listen()
  source.emit('SIGTERM', 'SIGTERM')
  source.emit('SIGINT', 'SIGINT')
  pass(1_000)
  source.emit('SIGINT', 'SIGINT')
  expect(heard).toEqual([
    ['SIGTERM', true],
    ['SIGINT', false],
    ['SIGINT', false],
  ])
  expect(interruptions.first).toBe('SIGTERM')
})

it('takes a signal that npm passes on for the one that the terminal sent already', () => {
  const { source, heard, listen, pass } = setUp()
  listen()
  source.emit('SIGINT', 'SIGINT')
  pass(20)
  source.emit('SIGINT', 'SIGINT')
  expect(heard).toEqual([['SIGINT', true]])
})

it('takes every key for one that was meant', () => {
  const { interruptions, heard, listen } = setUp()
  listen()
  interruptions.raise('SIGINT')
  interruptions.raise('SIGINT')
  expect(heard).toEqual([
    ['SIGINT', true],
    ['SIGINT', false],
  ])
})

it('tells who comes later what has happened, and lets go of the signals', () => {
  const { source, interruptions, heard, listen } = setUp()
  source.emit('SIGHUP', 'SIGHUP')
  listen()
  expect(heard).toEqual([['SIGHUP', true]])
  interruptions.close()
  expect(source.listenerCount('SIGHUP')).toBe(0)
})

it('takes a second Ctrl-C for one, whatever the clock says', () => {
  const { source, heard, listen, pass } = setUp()
  listen()
  source.emit('SIGINT', 'SIGINT')
  pass(-3_600_000)
  source.emit('SIGINT', 'SIGINT')
  expect(heard).toHaveLength(2)
})
