import { join } from 'node:path'
import type { LaunchRequest } from '../../shared/contract/agents.ts'
import type { Environment } from '../../shared/domain/agent.ts'
import type { DemoEngine } from '../../shared/domain/demo.ts'
import type { DemoFile } from './demoFile.ts'
import { KEY_NAME } from './demoKey.ts'

export interface DemoLaunch {
  readonly file: DemoFile
  readonly folder: string
  readonly shippedFolder: string
  readonly interpreter: string
  readonly engine: DemoEngine['kind']
  /** Where the simulated services are. */
  readonly url: string
  readonly environment: Environment
  /** Whether its key is a secret; it has one that is none otherwise. */
  readonly hasKey: boolean
}

/** How the demo's agent is started: as any agent is, with nothing left to what this machine is set to. */
export function launchOfDemo({ file, folder, shippedFolder, interpreter, engine, url, environment, hasKey }: DemoLaunch): LaunchRequest {
  return {
    script: join(shippedFolder, 'lead_gen_agent.py'),
    workingDirectory: folder,
    interpreter,
    variables: {
      LINKEDIN_API_URL: file.linkedin ?? `${url}/linkedin`,
      CLEARBIT_API_URL: file.clearbit ?? `${url}/clearbit`,
      LEADS_ENGINE: engine,
      LEADS_RESULTS: join(folder, 'results.csv'),
      ...(hasKey ? {} : { OPENAI_API_KEY: 'sk-demo-kept-nowhere' }),
    },
    secrets: [...(hasKey ? [KEY_NAME] : []), ...(file.linkedin === null ? [] : ['LINKEDIN_API_KEY']), ...(file.clearbit === null ? [] : ['CLEARBIT_API_KEY'])],
    sealSecrets: false,
    environment,
    budget: String(file.budget),
    baseline: String(file.baseline),
    atLimit: 'ask',
    parkForMs: 3_600_000,
    provider: 'live',
    upstreamOpenai: `${url}/openai/v1`,
    restart: 'on-failure',
    maxRestarts: 10,
    // What somebody has set for their own agents is not the demo's.
    safetyMode: 'redact',
    safetyTypes: {},
    safetyDirections: {},
    notPrivate: [],
    unauthorised: 'block',
    injection: 'warn',
    allowedModels: null,
    allowedTools: null,
    allowedHosts: null,
    allowedPaths: null,
  }
}
