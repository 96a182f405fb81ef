import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'

const RESOURCES = join(import.meta.dirname, '..', '..', '..', '..', 'resources')

function pins(...path: string[]): string[] {
  const lines = readFileSync(join(RESOURCES, ...path), 'utf8').split('\n')
  return lines.filter((line) => line !== '' && !line.startsWith('#'))
}

it('installs the very versions that the SDK is tested with', () => {
  const demo = pins('demo', 'requirements.txt')
  expect(pins('python', 'requirements', 'sdk.txt')).toEqual(expect.arrayContaining(demo))
  expect(demo.map((line) => line.split('==')[0])).toEqual(expect.arrayContaining(['langchain', 'langchain-openai']))
})
