import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../../shared/errors.ts'
import { installingEnvironment } from './pythonEnvironment.ts'
import { runProgram, type Ending, type Spawn } from './runProgram.ts'

/** Written last: what lies beside it is whole. */
const MARKER = 'installed'
const LONGEST_LINE = 200
/** Kept for the last words. */
const MOST_LINES = 50
/** For an index that is slow to answer; a user who has set his own knows why. */
const PATIENCE_SECONDS = '10'
/** Said by pip before its first package has come: there is no way out of this machine. */
const NO_WAY =
  /NewConnectionError|NameResolution|ConnectTimeout|getaddrinfo|name resolution|nodename nor servname|Network is unreachable|No route to host|Connection refused|ProxyError|Tunnel connection failed/i
/** Somebody else answers in its place, such as the sign-in page of a hall's network. */
const UNTRUSTED = /SSLError|SSLCertVerificationError|CertificateError|CERTIFICATE_VERIFY_FAILED/i
const HAS_COME = /^\s*(Downloading|Using cached|Installing collected|Processing) /
/** Of interest to nobody who waits. */
const ASIDE = /^(Ignoring|Looking in) /

export interface Making {
  /** That makes it. */
  readonly python: string
  readonly requirements: string
  readonly environment: Readonly<Record<string, string | undefined>>
  readonly platform: NodeJS.Platform
  readonly signal: AbortSignal
  readonly spawn?: Spawn
  readonly onLine: (line: string) => void
}

/** The demo's virtual environment: what is installed for it lies there, and nowhere in the user's Python. */
export interface OwnEnvironment {
  readonly python: string
  isWhole(): Promise<boolean>
  /** Null where it is made, else why it is not, as a sentence. What was begun is cleared away then. */
  make(making: Making): Promise<string | null>
}

export function ownEnvironment(folder: string, platform: NodeJS.Platform): OwnEnvironment {
  const place = join(folder, 'python')
  const python = platform === 'win32' ? join(place, 'Scripts', 'python.exe') : join(place, 'bin', 'python')

  async function fill(making: Making): Promise<string | null> {
    await clear(place)
    await mkdir(folder, { recursive: true })
    const { python: maker, requirements, environment, onLine } = making
    onLine('Making an environment for the demo')
    const venv = await step(maker, ['-m', 'venv', place], making, folder)
    if (!venv.isWell) return `An environment for the demo could not be made with ${maker}: ${venv.lastWords}. The same agent runs on the SDK alone.`

    const hasPatience = environment.PIP_TIMEOUT ?? environment.PIP_DEFAULT_TIMEOUT
    const pip = await step(
      python,
      [
        ...['-m', 'pip', 'install', '--no-input', '--no-user', '--disable-pip-version-check', '--progress-bar', 'off', '--only-binary', ':all:'],
        ...['--retries', '1', ...(hasPatience ? [] : ['--timeout', PATIENCE_SECONDS]), '--requirement', requirements],
      ],
      making,
      folder,
    )
    if (pip.refusal !== null) return `${pip.refusal}, so LangChain could not be installed; the same agent runs on the SDK alone.`
    if (!pip.isWell) return `LangChain could not be installed: ${pip.lastWords}. The same agent runs on the SDK alone.`
    await writeFile(join(place, MARKER), '')
    return null
  }

  return {
    python,
    isWhole: () => Promise.all([access(join(place, MARKER)), access(python)]).then(
      () => true,
      () => false,
    ),
    async make(making) {
      let problem: string | null
      try {
        problem = await fill(making)
      } catch (wrong) {
        problem = `LangChain could not be installed: ${messageOf(wrong)}. The same agent runs on the SDK alone.`
      }
      if (problem !== null) await clear(place).catch(() => {})
      return problem
    },
  }
}

interface Step {
  readonly isWell: boolean
  /** Why nothing can come from the package index. */
  readonly refusal: string | null
  readonly lastWords: string
}

async function step(program: string, args: readonly string[], { environment, platform, signal, spawn, onLine }: Making, folder: string): Promise<Step> {
  const lines: string[] = []
  const giveUp = new AbortController()
  let hasCome = false
  let refusal: string | null = null
  const ending = await runProgram(program, args, {
    folder,
    environment: installingEnvironment(environment),
    platform,
    spawn,
    signal: AbortSignal.any([signal, giveUp.signal]),
    onLine(raw) {
      const line = readable(raw)
      if (line === '' || refusal !== null) return
      hasCome ||= HAS_COME.test(raw)
      if (!hasCome) refusal = refusalIn(raw)
      // The next try would meet the same, and a room full of people waits.
      if (refusal !== null) return giveUp.abort()
      if (ASIDE.test(line)) return
      lines.push(line)
      if (lines.length > MOST_LINES) lines.shift()
      onLine(line)
    },
  })
  return { isWell: ending.isWell && refusal === null, refusal, lastWords: lastWordsOf(lines, ending) }
}

function refusalIn(line: string): string | null {
  if (NO_WAY.test(line)) return 'There is no way to the package index'
  return UNTRUSTED.test(line) ? 'What answers for the package index is not known to be it, as behind the sign-in page of a network' : null
}

function lastWordsOf(lines: readonly string[], { how }: Ending): string {
  const words = lines.findLast((line) => /^(error|oserror|fatal)\b/i.test(line)) ?? lines.at(-1)
  return words === undefined ? how : words.replace(/^error:\s*/i, '').replace(/[.\s]+$/, '')
}

/** For people: nothing of where the list of packages lies, and no key that stands in the address of an index. */
function readable(raw: string): string {
  const line = raw
    .replace(/\/\/[^/\s@]+@/g, '//')
    .replace(/\s*\(from [^)]*(\([^)]*\))?\)*/g, '')
    .trim()
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE - 1)}…` : line
}

function clear(place: string): Promise<void> {
  return rm(place, { recursive: true, force: true, maxRetries: 3 })
}
