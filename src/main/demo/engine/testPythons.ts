import type { TestFolder } from '../../configuration/testFolder.ts'

/** What a small script pretends to be. */
export interface Pretended {
  readonly version?: string
  readonly isRecent?: boolean
  readonly hasVenv?: boolean
  readonly langchain?: object
  /** What `-m venv` does, with the place of it in $3; it copies the script called `inside` there unless told otherwise. */
  readonly venv?: string
  /** What `-m pip` does. */
  readonly pip?: string
}

/** A shell script that answers like a Python, as far as the engine asks it anything. */
function pretendedPython({ version = '3.12.4', isRecent = true, hasVenv = true, langchain, venv = '', pip = '' }: Pretended): string {
  const says = [{ version, isRecent }, ...(isRecent ? [{ hasVenv }] : []), ...(langchain ? [{ langchain }] : [])]
  return [
    '#!/bin/sh',
    'case "$1 $2" in',
    '"-B -c")',
    ...says.map((what) => `echo 'iron-cage-demo:${JSON.stringify(what)}'`),
    ';;',
    '"-m venv")',
    venv,
    ';;',
    '"-m pip")',
    pip,
    ';;',
    'esac',
    '',
  ].join('\n')
}

/** Puts such a script where it is found, and gives its path. */
export function putPython(folder: TestFolder, name: string, pretended: Pretended): string {
  return folder.write(name, pretendedPython(pretended), 0o755)
}

/** One that makes environments, in each of which another one lives. */
export function putMaker(folder: TestFolder, name: string, inside: Pretended): string {
  const python = putPython(folder, 'kept/inside', inside)
  return putPython(folder, name, { venv: `mkdir -p "$3/bin" && cp '${python}' "$3/bin/python"` })
}
