import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { DemoEngine } from '../../../shared/domain/demo.ts'
import { createTestFolder, type TestFolder } from '../../configuration/testFolder.ts'
import { createDemoEngine, type DemoEngineOptions, type DemoEngines } from './createDemoEngine.ts'
import { putMaker, putPython } from './testPythons.ts'

const HAS_LANGCHAIN = { langchain: { version: '1.4.7' } }

let user: TestFolder
let engine: DemoEngines
let changes: DemoEngine[]
let onChange: (engine: DemoEngine) => void

beforeEach(() => {
  user = createTestFolder()
  changes = []
  onChange = () => {}
})
afterEach(async () => {
  await engine.close()
  user.remove()
})

/** Of a user whose PATH has one folder of his own before what every system has. */
function engineWith(given: Partial<DemoEngineOptions> = {}): DemoEngines {
  engine = createDemoEngine({
    folder: join(user.path, 'Daten für die Bühne', 'demo'),
    environment: { PATH: join(user.path, 'bin'), HOME: user.path },
    platform: 'linux',
    script: join(user.path, 'agent', 'lead_gen_agent.py'),
    requirements: user.write('requirements.txt', 'langchain==1.4.7\n'),
    onChange: (now) => {
      changes.push(now)
      onChange(now)
    },
    ...given,
  })
  return engine
}

/** The shell's own programs, for the scripts. */
const withSystem = (): { PATH: string; HOME: string } => ({ PATH: `${join(user.path, 'bin')}:/usr/bin:/bin`, HOME: user.path })

describe('which Python the agent runs on', () => {
  it('says what to do where there is none', async () => {
    const seen = await engineWith().look()
    expect(seen).toMatchObject({ kind: 'sdk', python: null, pythonVersion: null, note: expect.stringMatching(/needs Python 3\.10 or later.* no python3 on PATH; install/) as string })
    expect(engine.interpreter()).toBeNull()
  })

  it('says which one is too old', async () => {
    putPython(user, 'bin/python3', { version: '3.8.18', isRecent: false })
    const seen = await engineWith().look()
    expect(seen).toMatchObject({ python: null, pythonVersion: '3.8.18', note: expect.stringMatching(/3\.10 or later.*is Python 3\.8\.18; install a newer one/) as string })
    expect(engine.interpreter()).toBeNull()
  })

  it('takes a newer one beside one that is too old', async () => {
    putPython(user, 'bin/python3', { version: '3.9.6', isRecent: false })
    const python = putPython(user, 'bin/python3.12', HAS_LANGCHAIN)
    expect(await engineWith().look()).toMatchObject({ kind: 'langchain', python, note: null })
    expect(engine.interpreter()).toBe(python)
  })

  it('says that something else goes by its name', async () => {
    user.write('bin/python3', '#!/bin/sh\necho "Python was not found; get it from the store"\nexit 9\n', 0o755)
    expect(await engineWith().look()).toMatchObject({ python: null, note: expect.stringContaining('does not answer like a Python') as string })
  })

  it('is the one in the settings, and no other', async () => {
    putPython(user, 'bin/python3', HAS_LANGCHAIN)
    const python = putPython(user, 'chosen/python', {})
    const interpreterSetting = (): Promise<{ value: string; subject: string; folder: string }> => Promise.resolve({ value: './chosen/python', subject: 'interpreter', folder: user.path })
    expect(await engineWith({ interpreterSetting }).look()).toMatchObject({ kind: 'sdk', python })
    putPython(user, 'chosen/python', { version: '3.8.18', isRecent: false })
    expect((await engine.look()).note).toContain('3.8.18')
  })

  it('is the environment that the user works in, and where it is broken says so', async () => {
    putPython(user, 'bin/python3', HAS_LANGCHAIN)
    const python = putPython(user, 'work/bin/python', {})
    expect(await engineWith({ environment: { PATH: join(user.path, 'bin'), VIRTUAL_ENV: join(user.path, 'work') } }).look()).toMatchObject({ python })
    await engine.close()
    expect((await engineWith({ environment: { PATH: join(user.path, 'bin'), VIRTUAL_ENV: join(user.path, 'gone') } }).look()).note).toMatch(/VIRTUAL_ENV is .*gone/)
  })

  it('is found on the PATH of the user’s shell', async () => {
    const python = putPython(user, 'shell/python3', {})
    expect(await engineWith({ environment: { PATH: '/nowhere' }, searchPath: Promise.resolve(join(user.path, 'shell')) }).look()).toMatchObject({ python })
  })

  it('is asked again at every look', async () => {
    engineWith()
    await engine.look()
    const python = putPython(user, 'bin/python3', HAS_LANGCHAIN)
    expect(engine.now().python).toBeNull()
    expect(await engine.look()).toMatchObject({ kind: 'langchain', python })
    expect(changes.map((change) => change.python)).toEqual([null, python])
  })
})

describe('whether it has LangChain', () => {
  it.each([
    ['is not there', undefined, /runs on the SDK alone: .*python3 \(Python 3\.12\.4\) has no LangChain\. Install LangChain/],
    ['is too old', { version: '0.3.27' }, /runs on the SDK alone: the LangChain of .*python3 is 0\.3\.27.*1\.0 or later/],
    ['cannot be imported', { broken: 'ImportError: no pydantic_core' }, /runs on the SDK alone: .*cannot import it \(ImportError: no pydantic_core\)/],
  ])('tells that it %s', async (_, langchain, note) => {
    const python = putPython(user, 'bin/python3', { langchain })
    const seen = await engineWith().look()
    expect(seen).toMatchObject({ kind: 'sdk', python, langchainVersion: null })
    expect(seen.note).toMatch(note)
    expect(engine.interpreter()).toBe(python)
  })

  it('tells that it cannot be installed by a Python that makes no environments', async () => {
    putPython(user, 'bin/python3', { version: '3.11.2', hasVenv: false, venv: `echo called > '${join(user.path, 'venv-called')}'` })
    expect((await engineWith().look()).note).toMatch(/has no LangChain\. .*install python3\.11-venv \(sudo apt install python3-venv\)/)
    const { note } = engine.now()
    await engine.install()
    expect(existsSync(join(user.path, 'venv-called'))).toBe(false)
    expect(engine.now().note).toBe(note)
  })
})

describe('installing LangChain', () => {
  const lines = 'echo "Ignoring tomli: markers do not match"; echo "Collecting langchain==1.4.7 (from -r /x/requirements.txt (line 1))"; echo "  Downloading langchain-1.4.7-py3-none-any.whl (100 kB)"; echo'

  it('puts it into an environment of the demo’s own, tells how it goes, and prefers it from then on', async () => {
    const python3 = putMaker(user, 'bin/python3', { ...HAS_LANGCHAIN, pip: lines })
    engineWith({ environment: withSystem() })
    await engine.install()
    const own = join(user.path, 'Daten für die Bühne', 'demo', 'python', 'bin', 'python')
    expect(engine.now()).toEqual({ kind: 'langchain', python: own, pythonVersion: '3.12.4', langchainVersion: '1.4.7', installing: null, note: null })
    expect(engine.interpreter()).toBe(own)
    expect(changes[0]).toMatchObject({ kind: 'sdk', python: python3, installing: null })
    expect([...new Set(changes.map((change) => change.installing))]).toEqual([
      null,
      'Making an environment for the demo',
      'Collecting langchain==1.4.7',
      'Downloading langchain-1.4.7-py3-none-any.whl (100 kB)',
      'Looking whether LangChain can be imported',
    ])
    await engine.close()
    expect(await engineWith({ environment: withSystem() }).look()).toMatchObject({ kind: 'langchain', python: own })
  })

  it('hands pip the way to the packages, no keys, and nothing that would lead elsewhere', async () => {
    const told = join(user.path, 'told')
    putMaker(user, 'bin/python3', { ...HAS_LANGCHAIN, pip: `env > '${told}'; echo "$@" >> '${told}'` })
    engineWith({
      environment: {
        ...withSystem(),
        OPENAI_API_KEY: 'sk-invented',
        IRON_SECRETS_MASTER_KEY: 'invented',
        https_proxy: 'http://proxy.invalid:3128',
        PIP_INDEX_URL: 'https://packages.invalid/simple',
        PIP_TARGET: '/usr/lib/python3',
        PYTHONPATH: '/somewhere',
      },
    })
    await engine.install()
    const text = readFileSync(told, 'utf8')
    expect(text).toContain('https_proxy=http://proxy.invalid:3128')
    expect(text).toContain('PIP_INDEX_URL=https://packages.invalid/simple')
    expect(text).toContain('--requirement')
    expect(text).not.toMatch(/invented|PIP_TARGET|PYTHONPATH/)
  })

  it('gives up at the first word of there being no way out, without waiting for pip', async () => {
    putMaker(user, 'bin/python3', {
      pip: `echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError(...)': /simple/langchain/" >&2; sleep 1000`,
    })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now()).toMatchObject({ kind: 'sdk', installing: null, note: expect.stringMatching(/no way to the package index.*the same agent runs on the SDK alone/) as string })
    expect(existsSync(join(user.path, 'Daten für die Bühne', 'demo', 'python'))).toBe(false)
    expect(engine.interpreter()).toBe(join(user.path, 'bin', 'python3'))
    // A look does not make one forget what went wrong.
    expect((await engine.look()).note).toContain('no way to the package index')
  })

  it('gives up where somebody else answers for the index', async () => {
    putMaker(user, 'bin/python3', {
      pip: `echo "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(CertificateError(...))': /simple/langchain/" >&2; sleep 1000`,
    })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now().note).toMatch(/What answers for the package index is not known to be it.*runs on the SDK alone/)
  })

  it('lets pip try again once a package has come', async () => {
    putMaker(user, 'bin/python3', { ...HAS_LANGCHAIN, pip: `${lines}; echo "WARNING: Retrying after connection broken by 'NewConnectionError(...)'" >&2` })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now().kind).toBe('langchain')
  })

  it('ends with pip’s own last words, less the key in the address of an index', async () => {
    putMaker(user, 'bin/python3', {
      pip: 'echo "Downloading https://invented:key@packages.invalid/langchain.whl"; echo "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"; echo; exit 1',
    })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now().note).toBe(
      'LangChain could not be installed: Could not install packages due to an OSError: [Errno 28] No space left on device. The same agent runs on the SDK alone.',
    )
    expect(changes.map((change) => change.installing)).toContain('Downloading https://packages.invalid/langchain.whl')
  })

  it('says so where what was installed does not work', async () => {
    putMaker(user, 'bin/python3', { langchain: { broken: 'ImportError' }, pip: lines })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now()).toMatchObject({ kind: 'sdk', note: expect.stringContaining('cannot be imported') as string })
  })

  it('says so where no environment can be made', async () => {
    putPython(user, 'bin/python3', { venv: 'echo "Error: [Errno 28] No space left on device"; exit 1' })
    engineWith({ environment: withSystem() })
    await engine.install()
    expect(engine.now().note).toMatch(/could not be made with .*python3: \[Errno 28\] No space left on device\./)
  })

  it('is done once for two who ask, and not again where it is there', async () => {
    const count = join(user.path, 'count')
    putMaker(user, 'bin/python3', { ...HAS_LANGCHAIN, pip: `echo x >> '${count}'` })
    engineWith({ environment: withSystem() })
    await Promise.all([engine.install(), engine.install()])
    await engine.install()
    expect(readFileSync(count, 'utf8')).toBe('x\n')
    expect(engine.now()).toMatchObject({ kind: 'langchain', note: null })
  })

  it('leaves nothing behind when the room closes in the middle of it, no process either', async () => {
    // It has a child that does not listen, and that child tells its number.
    putMaker(user, 'bin/python3', { pip: `sh -c 'trap "" TERM HUP; echo "pid $$"; while :; do sleep 1; done'; true` })
    const pid = Promise.withResolvers<number>()
    onChange = ({ installing }) => {
      const [, number] = /^pid (\d+)$/.exec(installing ?? '') ?? []
      if (number !== undefined) pid.resolve(Number(number))
    }
    engineWith({ environment: withSystem() })
    const installation = engine.install()
    const child = await pid.promise
    await engine.close()
    await installation
    expect(isAlive(child)).toBe(false)
    expect(existsSync(join(user.path, 'Daten für die Bühne', 'demo', 'python'))).toBe(false)
  })

  it('takes nothing for whole that was left half made', async () => {
    const python = putMaker(user, 'bin/python3', { ...HAS_LANGCHAIN })
    putPython(user, 'Daten für die Bühne/demo/python/bin/python', HAS_LANGCHAIN)
    expect(await engineWith({ environment: withSystem() }).look()).toMatchObject({ kind: 'sdk', python })
    await engine.install()
    expect(engine.now().kind).toBe('langchain')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    // One that nobody has waited for yet is dead all the same.
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'))
  } catch {
    return false
  }
}
