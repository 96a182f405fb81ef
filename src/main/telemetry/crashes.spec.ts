import { EventEmitter } from 'node:events'
import { expect, it } from 'vitest'
import { watchForCrash } from './crashes.ts'
import type { LogEntry } from './log.ts'

it('What nobody caught goes into the log and ends the process; reports of Node leave the environment out', () => {
  const logged: LogEntry[] = []
  const codes: number[] = []
  const process = Object.assign(new EventEmitter(), { report: { excludeEnv: false }, exit: (code: number) => void codes.push(code) })
  const unwatch = watchForCrash(process as unknown as NodeJS.Process, { write: (entry) => void logged.push(entry), flush: async () => {} })
  expect(process.report.excludeEnv).toBe(true)
  process.emit('uncaughtException', new Error('invented'))
  process.emit('uncaughtException', 'a bare word')
  process.emit('unhandledRejection', new Error('nobody waited'))
  expect(codes).toEqual([70, 70, 70])
  expect(logged.map(({ event, level, fields }) => [event, level, String(fields?.['error']).split('\n')[0]])).toEqual([
    ['room.crashed', 'ERROR', 'Error: invented'],
    ['room.crashed', 'ERROR', 'a bare word'],
    ['room.crashed', 'ERROR', 'Error: nobody waited'],
  ])
  unwatch()
  expect([process.listenerCount('uncaughtException'), process.listenerCount('unhandledRejection')]).toEqual([0, 0])
})
