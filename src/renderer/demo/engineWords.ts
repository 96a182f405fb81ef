import type { DemoEngine } from '../../shared/domain/demo.ts'

const majorAndMinor = (version: string): string => version.split('.').slice(0, 2).join('.')

/** `LangChain 1.0 with Python 3.13`, or `the SDK alone with Python 3.13`. */
export function engineWords({ kind, python, pythonVersion, langchainVersion, note }: DemoEngine): string {
  if (python === null) return note === null ? 'Looking for a Python…' : 'No Python'
  const made = kind === 'langchain' ? ['LangChain', langchainVersion && majorAndMinor(langchainVersion)].filter(Boolean).join(' ') : 'The SDK alone'
  return pythonVersion === null ? made : `${made} with Python ${majorAndMinor(pythonVersion)}`
}

/** Where there is a Python without it. */
export const canInstall = ({ kind, python }: DemoEngine): boolean => kind === 'sdk' && python !== null
