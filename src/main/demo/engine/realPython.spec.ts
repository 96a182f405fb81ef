import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createTestFolder, type TestFolder } from '../../configuration/testFolder.ts'
import { createDemoEngine, type DemoEngines } from './createDemoEngine.ts'

/** Two packages with LangChain's names and nothing in them, as pip finds them without a network. */
const WHEELS = `
import sys, zipfile
for name in ("langchain", "langchain_openai"):
    info = name + "-1.4.7.dist-info/"
    with zipfile.ZipFile("%s/%s-1.4.7-py3-none-any.whl" % (sys.argv[1], name), "w") as wheel:
        wheel.writestr(name + "/__init__.py", "")
        wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\\nName: %s\\nVersion: 1.4.7\\n" % name)
        wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\\nGenerator: none\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr(info + "RECORD", "")
`

/** Whoever has it already would be given nothing. */
const hasLangChain = spawnSync('python3', ['-c', 'import langchain'], { stdio: 'ignore' }).status === 0
const environment = { PATH: process.env['PATH'], HOME: process.env['HOME'] }
let user: TestFolder
let engine: DemoEngines

beforeEach(() => {
  user = createTestFolder()
})
afterEach(async () => {
  await engine.close()
  user.remove()
})

function engineWith(more: Record<string, string>): DemoEngines {
  engine = createDemoEngine({
    folder: join(user.path, 'my dämo'),
    environment: { ...environment, ...more },
    platform: process.platform,
    requirements: user.write('requirements.txt', 'langchain==1.4.7\nlangchain_openai==1.4.7\n'),
    onChange: () => {},
  })
  return engine
}

it.skipIf(hasLangChain)('finds the real Python and installs into an environment of its own, without a network and without touching it', { timeout: 120_000 }, async () => {
  execFileSync('python3', ['-c', WHEELS, user.path])
  const before = await engineWith({ PIP_NO_INDEX: '1', PIP_FIND_LINKS: user.path }).look()
  expect(before.pythonVersion).toBe(execFileSync('python3', ['-c', 'import platform; print(platform.python_version())'], { encoding: 'utf8' }).trim())
  await engine.install()
  expect(engine.now()).toMatchObject({ kind: 'langchain', python: join(user.path, 'my dämo', 'python', 'bin', 'python'), langchainVersion: '1.4.7', note: null })
  expect(() => execFileSync('python3', ['-c', 'import langchain_openai'], { stdio: 'ignore' })).toThrow()
})

it.skipIf(hasLangChain)('says that there is no way to the packages, in the real pip’s words for it', { timeout: 120_000 }, async () => {
  engineWith({ PIP_INDEX_URL: 'http://127.0.0.1:9/simple', PIP_CONFIG_FILE: '/dev/null', NO_PROXY: '127.0.0.1' })
  await engine.install()
  expect(engine.now()).toMatchObject({ kind: 'sdk', note: expect.stringContaining('no way to the package index') as string })
})
