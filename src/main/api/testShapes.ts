import { expect } from 'vitest'
import { ERROR_STATUS, type ErrorBody, type ErrorCode } from '../../shared/errors.ts'
import { SECURITY_HEADERS } from '../page/securityHeaders.ts'
import type { Answer } from './testHttp.ts'

/** Nothing of our insides: no stack, no file, no package. */
const INSIDES = /\bat .+:\d+:\d+|node_modules|\.ts\b|\.js\b|file:\/\/|FST_ERR|TypeError|ZodError/

/** Every refusal has this shape and no other, whoever in the house refused. */
export function expectRefusal(answer: Answer, code: ErrorCode, status: number = ERROR_STATUS[code]): ErrorBody {
  expect({ status: answer.status, body: answer.text.slice(0, 300) }).toEqual({ status, body: expect.any(String) })
  expect(answer.text).not.toMatch(INSIDES)
  const parsed = JSON.parse(answer.text) as { error: ErrorBody }
  expect(Object.keys(parsed)).toEqual(['error'])
  expect(Object.keys(parsed.error).filter((key) => key !== 'details')).toEqual(['code', 'message'])
  expect(parsed.error.code).toBe(code)
  expect(parsed.error.message).toMatch(/^["A-Z/].*[.:]$/s)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  expect(answer.headers['cache-control']).toBe('no-store')
  expect(answer.headers).toMatchObject(SECURITY_HEADERS)
  return parsed.error
}
