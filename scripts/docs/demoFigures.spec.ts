import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parse } from 'yaml'
import { ROOT } from './documents.ts'

const read = (path: string): string => readFileSync(join(ROOT, path), 'utf8')
const dollars = (text: string): string[] => text.match(/\$\d+(?:\.\d+)?/g) ?? []

it('what the presenter’s guide says of money is what rehearsals expect and the demo’s file says', () => {
  const file = parse(read('resources/demo/demo.yaml')) as { baseline: number; fresh_lead: number }
  const expected = new Set(dollars(read('src/main/demo/rehearsal/expected.ts')))
  const derived = new Set([`$${file.baseline}`, `$${(10 * file.fresh_lead).toFixed(2)}`, afterLinkedIn()])
  const wrong = dollars(read('docs/demo.md')).filter((amount) => !expected.has(amount) && !derived.has(amount))
  expect(wrong).toEqual([])
})

/** What a lead costs between the failure at lead 34 and the rotation at lead 50. */
function afterLinkedIn(): string {
  const spentAt = (lead: number): number => Number(new RegExp(`'#${lead}': \\{[^}]*spent: '\\$([\\d.]+) `).exec(read('src/main/demo/rehearsal/expected.ts'))?.[1])
  return `$${((spentAt(50) - spentAt(34)) / 16).toFixed(2)}`
}
