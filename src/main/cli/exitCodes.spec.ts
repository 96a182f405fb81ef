import { describe, expect, it } from 'vitest'
import type { Agent } from '../../shared/domain/agent.ts'
import { AppError, ERROR_STATUS, type ErrorCode } from '../../shared/errors.ts'
import { EXIT_CODES, exitCodeOfAgent, exitCodeOfError } from './exitCodes.ts'

const agent = (changes: Partial<Agent>): Agent => ({ status: 'stopped', exit: { code: 0, signal: null }, ...changes }) as Agent

describe('the exit code of an agent', () => {
  it.each<[Partial<Agent>, boolean, number]>([
    [{}, false, 0],
    [{ status: 'crashed', exit: { code: 7, signal: null } }, false, 7],
    [{ status: 'crashed', exit: { code: null, signal: 'SIGKILL' } }, false, 137],
    [{ status: 'crashed', exit: { code: null, signal: 'SIGSEGV' } }, false, 139],
    [{ status: 'crashed', exit: null }, false, 126],
    [{ exit: { code: 0, signal: null } }, true, 122],
    [{ exit: { code: null, signal: 'SIGTERM' } }, true, 122],
    [{ status: 'over-budget', exit: { code: null, signal: 'SIGTERM' } }, true, 120],
    [{ status: 'blocked', exit: { code: null, signal: 'SIGTERM' } }, true, 121],
  ])('%j, stopped by somebody: %s, is %d', (changes, wasStopped, code) => {
    expect(exitCodeOfAgent(agent(changes), wasStopped)).toBe(code)
  })
})

describe('the exit code of an error', () => {
  it.each<[ErrorCode, number]>([
    ['INVALID_INPUT', 2],
    ['INVALID_CONFIGURATION', 2],
    ['TOO_LARGE', 2],
    ['AGENT_NOT_FOUND', 66],
    ['NOT_FOUND', 66],
    ['CONFLICT', 75],
    ['RATE_LIMITED', 75],
    ['UNAVAILABLE', 75],
    ['UNAUTHENTICATED', 77],
    ['FORBIDDEN', 77],
    ['LOCKED', 77],
    ['INTERNAL', 70],
  ])('%s is %d', (code, number) => {
    expect(exitCodeOfError(new AppError(code, 'x'))).toBe(number)
  })

  it('is told for every code there is', () => {
    for (const code of Object.keys(ERROR_STATUS)) expect(exitCodeOfError(new AppError(code as ErrorCode, 'x'))).toBeTypeOf('number')
  })

  it('tells what cannot be started from a room in the way', () => {
    expect(exitCodeOfError(new AppError('UNAVAILABLE', 'x', { problem: 'interpreter' }))).toBe(126)
    expect(exitCodeOfError(new AppError('UNAVAILABLE', 'x', { problem: 'masterKey' }))).toBe(2)
    expect(exitCodeOfError(new AppError('UNAVAILABLE', 'x', { problem: 'another' }))).toBe(75)
  })

  it('tells a data folder in trouble from a room in the way', () => {
    expect(exitCodeOfError(new AppError('UNAVAILABLE', 'x', { file: '/d/control-room.db' }))).toBe(74)
    expect(exitCodeOfError(new AppError('UNAVAILABLE', 'x', { folder: '/d' }))).toBe(74)
    expect(exitCodeOfError(new TypeError('x'))).toBe(70)
  })
})

it('no two ends share a code', () => {
  const codes = Object.values(EXIT_CODES).map(([code]) => code)
  expect(new Set(codes).size).toBe(codes.length)
})
