import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { parseDocument, placeOfLink, readDocuments, ROOT } from './documents.ts'

const documents = readDocuments()
const byPath = new Map(documents.map((document) => [document.path, document]))

it.each(documents)('each link of $path leads somewhere', (document) => {
  const broken = document.links.filter(({ target }) => {
    const place = placeOfLink(document, target)
    if (place === null) return false
    if (!existsSync(join(ROOT, place.path))) return true
    return place.anchor !== null && !byPath.get(place.path)?.anchors.has(place.anchor)
  })
  expect(broken.map(({ target, line }) => `line ${line}: ${target}`)).toEqual([])
})

it('the README leads to every document', () => {
  const reached = new Set(['README.md'])
  for (const path of reached) {
    const document = byPath.get(path)
    for (const { target } of document?.links ?? []) {
      const place = placeOfLink(document!, target)
      if (place && byPath.has(place.path)) reached.add(place.path)
    }
  }
  expect(documents.map(({ path }) => path).filter((path) => !reached.has(path))).toEqual([])
})

it('finds headings as GitHub names them, links, words and blocks with the line that they stand in', () => {
  const document = parseDocument('docs/page.md', '# A `first` page!\n\nSee [there](other.md#part) and `word`.\n\n<!-- exit 2 -->\n\n```sh\niron_cage list\n```\n\n```text\n…\n```\n\n# A first page\n')
  expect([...document.anchors]).toEqual(['a-first-page', 'a-first-page-1'])
  expect(document.links).toEqual([{ target: 'other.md#part', line: 3 }])
  expect(document.words).toEqual([
    { word: 'first', line: 1 },
    { word: 'word', line: 3 },
  ])
  expect(document.snippets).toEqual([
    { language: 'sh', code: 'iron_cage list', line: 7, remark: 'exit 2', followsBlock: false },
    { language: 'text', code: '…', line: 11, remark: null, followsBlock: true },
  ])
  expect(placeOfLink(document, '../README.md')).toEqual({ path: 'README.md', anchor: null })
  expect(placeOfLink(document, 'https://example.org')).toBeNull()
})
