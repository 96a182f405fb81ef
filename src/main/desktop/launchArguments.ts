import { statSync } from 'node:fs'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

export interface CommandLine {
  readonly argv: readonly string[]
  readonly workingDirectory: string
  /** Electron runs a folder or a file given to it, as in `electron . agent.py`; a packaged application has no such argument. */
  readonly isUnpackaged: boolean
}

/** The script that a command line asks to look at; null when there is none. Flags belong to Chromium, and a folder is no script. */
export function scriptFrom({ argv, workingDirectory, isUnpackaged }: CommandLine): string | null {
  const words = argv.slice(1).filter((argument) => argument !== '' && !argument.startsWith('-'))
  const candidates = words.slice(isUnpackaged ? 1 : 0).map((word) => pathOf(word, workingDirectory))
  return candidates.find(isFile) ?? null
}

/** Desktops of Linux hand a file over as its address. One on another machine is none. */
function pathOf(word: string, workingDirectory: string): string {
  if (!word.startsWith('file:') || !URL.canParse(word) || new URL(word).host !== '') return resolve(workingDirectory, word)
  try {
    return fileURLToPath(word)
  } catch {
    return resolve(workingDirectory, word)
  }
}

export function isFile(path: string): boolean {
  try {
    return statSync(path).isFile()
  } catch {
    return false
  }
}
