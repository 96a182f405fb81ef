// Run by `npm test` after the tests in Python, whose environments it uses; by itself: `npm run documents`.
import { existsSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findInterpreters, pythonEnvironment, type EnvironmentName } from '../pythonEnvironments.ts'
import { readDocuments, type Document, type Snippet } from './documents.ts'
import { missingLine } from './expectedOutput.ts'
import { fileNameOf } from './fileSnippets.ts'
import { createReader, type Reader } from './reader.ts'

/** Their blocks are run by tests in Python, as they stand. */
const RUN_ELSEWHERE: Readonly<Record<string, string>> = {
  'resources/python/README.md': 'tests/test_readme.py, tests/langchain and tests/testing',
}
/** Documents whose agents need what only one of the environments has. */
const ENVIRONMENTS: Readonly<Record<string, EnvironmentName>> = {
  'docs/integration.md': 'sdk',
  'docs/integration-crewai.md': 'crew',
}

const isWhatIsRun = ({ language }: Snippet): boolean => language === 'sh' || language === 'python'
const whyNot = ({ remark }: Snippet): string | null => /^not run: (.+)$/.exec(remark ?? '')?.[1] ?? null

const interpreter = (await findInterpreters())[0]
const documents = readDocuments().filter(({ path, snippets }) => !(path in RUN_ELSEWHERE) && snippets.some(isWhatIsRun))

for (const document of documents) {
  const name = ENVIRONMENTS[document.path]
  const made = name ? await pythonEnvironment(name, interpreter) : null
  describe.skipIf(made?.missing)(made?.missing ? `${document.path} (skipped: ${made.missing})` : document.path, () => readThrough(document, made?.python ?? null))
}

/** One reader from the first line to the last: what stands later may need what stands before. */
function readThrough({ snippets }: Document, python: string | null): void {
  let reader: Reader
  let hasFailed = false
  beforeAll(async () => {
    reader = await createReader({ pythonFolder: python === null ? null : dirname(python) })
  })
  afterAll(() => reader.leave())

  for (const [index, snippet] of snippets.entries()) {
    const reason = whyNot(snippet)
    const title = `line ${snippet.line}: ${firstLine(snippet)}`
    if (fileNameOf(snippet) !== null && reason === null) {
      it(`${title} (a file)`, () => reader.keep(snippet))
    } else if (isWhatIsRun(snippet)) {
      const lacking = reason ?? ofCheckout(snippet) ?? lackingProgram(snippet)
      it.skipIf(lacking !== null)(lacking === null ? title : `${title} (not run: ${lacking})`, { timeout: 120_000 }, async ({ skip }) => {
        if (hasFailed) skip('a block before it failed')
        hasFailed = true
        await readBlock(reader, snippet, snippets[index + 1])
        hasFailed = false
      })
    }
  }
}

async function readBlock(reader: Reader, snippet: Snippet, next: Snippet | undefined): Promise<void> {
  const typed = snippet.language === 'python' ? asShell(snippet) : snippet
  const { code, said } = await reader.type(typed)
  expect(code, `It said:\n${said}`).toBe(Number(/^exit (\d+)$/.exec(snippet.remark ?? '')?.[1] ?? 0))
  if (next?.language !== 'text' || !next.followsBlock) return
  const missing = missingLine(next.code, said)
  expect(missing, `It said:\n${said}`).toBeNull()
}

function asShell(snippet: Snippet): Snippet {
  return { ...snippet, code: `python3 - <<'END_OF_PROGRAM'\n${snippet.code}\nEND_OF_PROGRAM` }
}

const firstLine = ({ code }: Snippet): string => code.split('\n').find((line) => line.trim() !== '' && !line.startsWith('#')) ?? code.split('\n')[0]!

/** Scripts of this project take minutes and have tests of their own; that each of them exists, names.spec.ts sees. */
function ofCheckout({ code }: Snippet): string | null {
  return code.split('\n').every((line) => /^(?:(?:[A-Z_]+=\S+ )*npm |#|$)/.test(line)) ? 'scripts of the checkout itself' : null
}

function lackingProgram({ code }: Snippet): string | null {
  const missing = ['curl', 'sqlite3', 'jq'].find((program) => new RegExp(`(?:^|[|(;] *)${program} `, 'm').test(code) && !isOnPath(program))
  return missing === undefined ? null : `there is no ${missing} on this machine`
}

function isOnPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => folder !== '' && existsSync(join(folder, program)))
}
