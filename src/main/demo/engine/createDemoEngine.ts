import { join } from 'node:path'
import type { DemoEngine } from '../../../shared/domain/demo.ts'
import { findApplication, resourcesIn } from '../../application.ts'
import { withSearchPath } from '../../configuration/agentEnvironment.ts'
import type { ChosenInterpreter } from './candidates.ts'
import { lookForPython, type Found } from './lookForPython.ts'
import { ownEnvironment } from './ownEnvironment.ts'
import type { Spawn } from './runProgram.ts'

export interface DemoEngineOptions {
  /** The demo's own, in the data folder. */
  readonly folder: string
  readonly environment: Readonly<Record<string, string | undefined>>
  /** As in the room's ports: the PATH that the user's shell has. */
  readonly searchPath?: Promise<string | null>
  readonly platform: NodeJS.Platform
  /** What the settings say of the interpreter, each time anew. */
  readonly interpreterSetting?: () => Promise<ChosenInterpreter | null>
  readonly onChange: (engine: DemoEngine) => void
  readonly spawn?: Spawn
  /** The agent, and what is installed for it; as shipped unless told otherwise. */
  readonly script?: string
  readonly requirements?: string
}

/** What the demo's agent is made with. */
export interface DemoEngines {
  /** As it was when last looked at. */
  now(): DemoEngine
  look(): Promise<DemoEngine>
  /** The Python that can run the agent; null where there is none. */
  interpreter(): string | null
  /** Puts LangChain into an environment of the demo's own. What came of it is told by `now`; it rejects only where the room's settings cannot be read. */
  install(): Promise<void>
  /** Ends an installation that is under way, with all of its processes. */
  close(): Promise<void>
}

const NOT_LOOKED: Found = { python: null, version: null, langchain: null, maker: null, note: null }

export function createDemoEngine(options: DemoEngineOptions): DemoEngines {
  const { folder, platform, spawn, onChange } = options
  const resources = join(resourcesIn(findApplication().folder), 'demo')
  const { script = join(resources, 'lead_gen_agent.py'), requirements = join(resources, 'requirements.txt') } = options
  const own = ownEnvironment(folder, platform)
  const closing = new AbortController()
  let found = NOT_LOOKED
  let installing: string | null = null
  /** What came of the last installation, until LangChain is there. */
  let failure: string | null = null
  let looking: Promise<void> | null = null
  let underWay: Promise<void> | null = null

  function now(): DemoEngine {
    return {
      kind: found.langchain === null ? 'sdk' : 'langchain',
      python: found.python,
      pythonVersion: found.version,
      langchainVersion: found.langchain,
      installing,
      note: failure ?? found.note,
    }
  }

  let told = JSON.stringify(now())
  function tell(): void {
    const text = JSON.stringify(now())
    if (text === told || closing.signal.aborted) return
    told = text
    onChange(now())
  }

  async function lookAnew(): Promise<void> {
    const environment = withSearchPath(options.environment, await options.searchPath)
    const chosen = (await options.interpreterSetting?.()) ?? null
    const seen = await lookForPython({ script, chosen, environment, platform, own, folder, signal: closing.signal, spawn })
    if (closing.signal.aborted) return
    found = seen
    if (found.langchain !== null) failure = null
    tell()
  }

  /** Whoever asks during a look gets what that one sees. */
  function look(): Promise<void> {
    looking ??= lookAnew().finally(() => (looking = null))
    return looking
  }

  function say(line: string): void {
    installing = line
    tell()
  }

  async function installAnew(): Promise<void> {
    // What was seen may be an hour old.
    await look()
    if (found.langchain !== null || found.maker === null || closing.signal.aborted) return
    failure = null
    const environment = withSearchPath(options.environment, await options.searchPath)
    const problem = await own.make({ python: found.maker, requirements, environment, platform, signal: closing.signal, spawn, onLine: say })
    say('Looking whether LangChain can be imported')
    await looking
    await look()
    if (found.langchain === null) failure = problem ?? 'LangChain was installed, but cannot be imported. The same agent runs on the SDK alone.'
  }

  return {
    now,
    async look() {
      if (!closing.signal.aborted) await look()
      return now()
    },
    interpreter: () => found.python,
    install() {
      if (closing.signal.aborted) return Promise.resolve()
      underWay ??= installAnew().finally(() => {
        underWay = null
        installing = null
        tell()
      })
      return underWay
    },
    async close() {
      closing.abort()
      await Promise.allSettled([looking, underWay])
    },
  }
}
