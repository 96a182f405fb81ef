import { stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { askPython, type Answer } from './askPython.ts'
import { findCandidates, type CandidateQuestion } from './candidates.ts'
import type { OwnEnvironment } from './ownEnvironment.ts'
import { lookingEnvironment } from './pythonEnvironment.ts'
import type { Run } from './runProgram.ts'

export interface Found {
  /** That runs the agent; null where none does. */
  readonly python: string | null
  readonly version: string | null
  readonly langchain: string | null
  /** The Python with which an environment can be made; null where there is no need or no way. */
  readonly maker: string | null
  readonly note: string | null
}

export interface Look extends CandidateQuestion, Pick<Run, 'signal' | 'spawn'> {
  readonly own: OwnEnvironment
  /** Where the agent will work: what a version manager picks may depend on it. */
  readonly folder: string
}

/** The agent is written for it. */
const LEAST_LANGCHAIN = 1

/** Finds what the agent runs on: the demo's own environment where it is whole, else the Python that any agent would run on. */
export async function lookForPython(look: Look): Promise<Found> {
  const { own, platform, signal, spawn, environment } = look
  const run = { folder: await folderFor(look.folder), environment: lookingEnvironment(environment), platform, signal, spawn }
  if (await own.isWhole()) {
    const answer = await askPython(own.python, run)
    const version = answer && recentLangChain(answer)
    if (answer && version) return { python: own.python, version: answer.version, langchain: version, maker: null, note: null }
  }

  const candidates = await findCandidates(look)
  if ('problem' in candidates) return { python: null, version: null, langchain: null, maker: null, note: candidates.problem }
  const first = { python: candidates.first, answer: await askPython(candidates.first, run) }
  if (first.answer?.isRecent) return found(first.python, first.answer)
  for (const python of candidates.others) {
    const answer = await askPython(python, run)
    if (answer?.isRecent) return found(python, answer)
  }
  return unusable(first.python, first.answer)
}

function found(python: string, answer: Answer): Found {
  const langchain = recentLangChain(answer)
  const isThere = langchain !== null
  return {
    python,
    version: answer.version,
    langchain,
   
    maker: isThere || !answer.hasVenv ? null : python,
    note: isThere ? null : `${why(python, answer)} ${answer.hasVenv ? 'Install LangChain for the demo, or go on without.' : noVenv(answer.version)}`,
  }
}

function recentLangChain({ langchain }: Answer): string | null {
  return 'version' in langchain && Number.parseInt(langchain.version, 10) >= LEAST_LANGCHAIN ? langchain.version : null
}

function why(python: string, { version, langchain }: Answer): string {
  const begin = `The agent runs on the SDK alone:`
  if ('version' in langchain) return `${begin} the LangChain of ${python} is ${langchain.version}, and the agent is written for ${LEAST_LANGCHAIN}.0 or later.`
  if ('broken' in langchain) return `${begin} ${python} has LangChain, but cannot import it (${oneLine(langchain.broken)}).`
  return `${begin} ${python} (Python ${version}) has no LangChain.`
}

function noVenv(version: string): string {
  const short = version.split('.').slice(0, 2).join('.')
  return `It cannot be installed for the demo either, since this Python makes no environments: on Debian and Ubuntu install python${short}-venv (sudo apt install python3-venv), then look again.`
}

function unusable(python: string, answer: Answer | null): Found {
  const note = answer
    ? `The demo needs Python 3.10 or later, but ${python} is Python ${answer.version}; install a newer one, or name one with IRON_CAGE_INTERPRETER.`
    : `The demo needs Python 3.10 or later, but ${python} does not answer like a Python; install Python from python.org or with your system's packages, or name one with IRON_CAGE_INTERPRETER.`
  return { python: null, version: answer?.version ?? null, langchain: null, maker: null, note }
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim()
  return line.length > 160 ? `${line.slice(0, 159)}…` : line
}

async function folderFor(folder: string): Promise<string> {
  const isThere = await stat(folder).then(
    (it) => it.isDirectory(),
    () => false,
  )
  return isThere ? folder : tmpdir()
}
