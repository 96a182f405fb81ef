import { runProgram, type Run } from './runProgram.ts'

/** What a Python says of itself. */
export interface Answer {
  /** `3.11.7` */
  readonly version: string
  /** Whether the SDK runs on it. */
  readonly isRecent: boolean
  /** Whether it can make an environment. */
  readonly hasVenv: boolean
  readonly langchain: { readonly version: string } | { readonly missing: true } | { readonly broken: string }
}

/** Long enough to import it from a slow disk for the first time. */
const PATIENCE_MS = 30_000
const MARK = 'iron-cage-demo:'

/** Said in pieces: an import that takes the whole process along leaves what was said before. Old ones understand it too. */
const QUESTION = `
import json, sys
def say(**what):
    sys.stdout.write("\\n${MARK}" + json.dumps(what) + "\\n")
    sys.stdout.flush()
recent = sys.version_info >= (3, 10)
say(version="%d.%d.%d" % sys.version_info[:3], isRecent=recent)
if recent:
    try:
        import ensurepip, venv
        say(hasVenv=True)
    except ImportError:
        say(hasVenv=False)
    from importlib.util import find_spec
    if find_spec("langchain") and find_spec("langchain_openai"):
        say(langchain={"broken": "the import ends Python"})
        try:
            import langchain, langchain_openai
            from importlib.metadata import version
            say(langchain={"version": version("langchain")})
        except Exception as problem:
            say(langchain={"broken": "%s: %s" % (type(problem).__name__, problem)})
`

/** Asks a Python what it is; null where nothing answers like one. */
export async function askPython(python: string, run: Omit<Run, 'onLine'>): Promise<Answer | null> {
  let answer: Partial<Answer> = {}
  await runProgram(python, ['-B', '-c', QUESTION], {
    ...run,
    signal: AbortSignal.any([run.signal, AbortSignal.timeout(PATIENCE_MS)]),
    onLine(line) {
      if (line.startsWith(MARK)) answer = { ...answer, ...parsed(line.slice(MARK.length)) }
    },
  })
  const { version, isRecent = false, hasVenv = false, langchain = { missing: true } } = answer
  return typeof version === 'string' ? { version, isRecent, hasVenv, langchain } : null
}

function parsed(text: string): Partial<Answer> {
  try {
    return JSON.parse(text) as Partial<Answer>
  } catch {
    return {}
  }
}
