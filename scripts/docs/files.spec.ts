import { expect, it } from 'vitest'
import { readDocuments, type Snippet } from './documents.ts'
import { faultOfFile, fileNameOf } from './fileSnippets.ts'

const KINDS = ['yaml', 'toml', 'json']
const documents = readDocuments()

it.each(documents)('the room takes every file and message of $path as it stands there', async ({ snippets }) => {
  const wrong: string[] = []
  for (const snippet of snippets.filter(({ language }) => KINDS.includes(language))) {
    const fault = await faultOfFile(snippet)
    if (fault !== null) wrong.push(`line ${snippet.line}: ${fault}`)
  }
  expect(wrong).toEqual([])
})

/** What each kind of block is held against, and where. A kind that nobody runs would be a promise that nobody keeps. */
const KNOWN = new Set([...KINDS, 'sh', 'python', 'text', 'ts', 'mermaid'])

function isKnown(snippet: Snippet): boolean {
  // A program in JavaScript is one that a later block starts.
  return KNOWN.has(snippet.language) || (snippet.language === 'js' && fileNameOf(snippet) !== null)
}

it.each(documents)('somebody runs every kind of block in $path', ({ path, snippets }) => {
  const unknown = snippets.filter((snippet) => !isKnown(snippet))
  expect(unknown.map(({ language, line }) => `line ${line}: ${language}`)).toEqual([])
  const types = snippets.filter(({ language }) => language === 'ts')
  if (!path.startsWith('docs/reference/')) expect(types).toEqual([])
})

it('sees what is wrong', async () => {
  const block = (language: string, code: string, remark: string | null = null): Snippet => ({ language, code, line: 1, remark, followsBlock: false })
  expect(await faultOfFile(block('yaml', '# iron_cage.yaml\nbugdet: 50'))).toMatch(/did you mean budget/)
  expect(await faultOfFile(block('yaml', '# settings.yaml\nargs: [a]'))).toMatch(/is about one agent/)
  expect(await faultOfFile(block('toml', 'budget = -5'))).toMatch(/budget/)
  expect(await faultOfFile(block('json', '{"by": 5'))).not.toBeNull()
  expect(await faultOfFile(block('json', '{"agentId": "lg-7a3f9c2d", "by": -5, "reason": "more"}', 'input of budget.raise'))).not.toBeNull()
  expect(await faultOfFile(block('json', '{"a": 1}\n\n{"b": 2}'))).toBeNull()
  expect(await faultOfFile(block('json', '{"kind": "tell", "command": "agent.progress", "input": {"done": -1}}'))).toMatch(/done/)
  expect(await faultOfFile(block('json', '{"kind": "tell", "command": "agent.progres", "input": {}}'))).not.toBeNull()
  expect(fileNameOf({ code: '# agent.py: an agent\nprint(1)' })).toBe('agent.py')
  expect(fileNameOf({ code: '# of agent.py\nprint(1)' })).toBeNull()
})
