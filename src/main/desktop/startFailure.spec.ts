import { describe, expect, it } from 'vitest'
import { AppError } from '../../shared/errors.ts'
import { describeStartFailure } from './startFailure.ts'

describe('what is said when the room does not open', () => {
  it('passes a sentence of ours on as it is', () => {
    const failure = describeStartFailure(new AppError('UNAVAILABLE', 'The database /data/room.db is damaged and was left untouched.', { file: '/data/room.db' }), {})
    expect(failure.message).toBe('The database /data/room.db is damaged and was left untouched.')
    expect(failure.exitCode).toBe(74)
  })

  it('says how to stop the room that owns the data folder', () => {
    const instance = { pid: 4242, url: 'http://127.0.0.1:7317', port: 7317, startedAt: 1, version: '0.1.0' }
    const { message } = describeStartFailure(new AppError('CONFLICT', 'The data folder /data is in use.', { folder: '/data', instance }), {})
    expect(message).toBe(
      'The data folder /data is in use. That one runs without a window: stop it with Ctrl-C on its terminal, or end its process 4242, ' +
        'and open this window again.',
    )
  })

  it('says nothing of a process when none is known', () => {
    const instance = { pid: null, url: null, port: null, startedAt: null, version: null }
    const { message } = describeStartFailure(new AppError('CONFLICT', 'The data folder /data is in use.', { folder: '/data', instance }), {})
    expect(message).toBe('The data folder /data is in use.')
  })

  it('gives a wrong setting the exit code of wrong input', () => {
    expect(describeStartFailure(new AppError('INVALID_CONFIGURATION', 'IRON_CAGE_PORT is "x".'), {}).exitCode).toBe(2)
  })

  it('names what was not foreseen, and what to do about it', () => {
    const { message, exitCode } = describeStartFailure(new TypeError('x is not a function'), {})
    expect(message).toContain('x is not a function')
    expect(message).toContain('iron_cage doctor')
    expect(exitCode).toBe(70)
  })

  it('tells nothing private that a defect carries', () => {
    const { message } = describeStartFailure(new TypeError('row 7 of ada.lovelace@example.com, invented-variable-0123456789'), { CRM_API_KEY: 'invented-variable-0123456789' })
    expect(message).toContain('row 7 of [EMAIL_REDACTED], ')
    expect(message).not.toContain('invented-variable')
  })
})
