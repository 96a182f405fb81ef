import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { messageOf } from '../../../shared/errors.ts'
import type { Check, Finding } from './finding.ts'

/** Of the SDK, the demo and what they bring along. */
const LEAST_MINOR = 10
const PATIENCE_MS = 10_000
const PROGRAM = 'import sys; print("%d.%d.%d %s" % (*sys.version_info[:3], sys.executable))'

export const checkPython: Check = async ({ environment, platform, programs }) => {
  const name = platform === 'win32' ? 'python' : 'python3'
  const python = await programs.onPath(name)
  if (python === null) return problem(`${name} is not on PATH`)
  try {
    const { stdout } = await promisify(execFile)(python, ['-c', PROGRAM], { env: environment, timeout: PATIENCE_MS })
    return judge(stdout.trim(), python)
  } catch (error) {
    return problem(`${python} does not run (${firstLine(error)})`)
  }
}

function judge(answer: string, python: string): Finding {
  const [version = '', executable = python] = answer.split(/ (.*)/)
  const [major = 0, minor = 0] = version.split('.').map(Number)
  if (major !== 3) return problem(`${python} is version ${version}`)
  const isOld = minor < LEAST_MINOR
  return {
    name: 'Python',
    state: isOld ? 'warning' : 'ok',
    message: `version ${version} at ${executable}`,
    advice: isOld ? `Install Python 3.${LEAST_MINOR} or newer: the SDK and the demo need it.` : null,
  }
}

function problem(message: string): Finding {
  return {
    name: 'Python',
    state: 'problem',
    message,
    advice: 'Install Python 3 and put it on PATH; agents in other languages run without it.',
  }
}

function firstLine(error: unknown): string {
  const text = messageOf(error)
  return text.split('\n')[0]?.slice(0, 200) ?? ''
}
