import { Readable } from 'node:stream'
import { expect, it } from 'vitest'
import { readSecretValue } from './readSecret.ts'

const read = (text: string): Promise<unknown> => readSecretValue({ stdin: Readable.from([Buffer.from(text)]) as NodeJS.ReadStream, screen: {} as never }, 'OPENAI_API_KEY')

it.each([
  ['sk-invented', 'sk-invented'],
  ['sk-invented\n', 'sk-invented'],
  ['sk-invented\r\n', 'sk-invented'],
  // As PowerShell sends it, and as editors on Windows save it.
  ['\ufeffsk-invented\r\n', 'sk-invented'],
  ['line one\nline two\n', 'line one\nline two\n'],
  ['\ufeffline one\nline two\n', '\ufeffline one\nline two\n'],
  ['', ''],
])('of %j the value is %j', async (sent, value) => {
  expect(await read(sent)).toBe(value)
})
