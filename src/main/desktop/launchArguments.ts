import { statSync } from 'node:fs'
import { resolve } from 'node:path'

export interface CommandLine {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  /** Electron runs a folder or a file given to it, as in `electron . agent.py`; a packaged application has no such argument. */
  readonly isUnpackaged: boolean
}

/** The script that a command line asks to look at; null when there is none. Flags belong to Chromium, and a folder is no script. */
export function scriptFrom({ argv, workingDirectory, isUnpackaged }: CommandLine): string | null {
  const words = argv.slice(1).filter((argument) => argument !== '' && !argument.startsWith('-'))
  const candidates = words.slice(isUnpackaged ? 1 : 0).map((word) => resolve(workingDirectory, word))
  return candidates.find(isFile) ?? null
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
