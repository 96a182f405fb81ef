import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'

/** Gives fresh folders to the tests of a file, and takes them away after each. */
export function useTestFolders(): { make(): string } {
  let folders: string[] = []
  afterEach(() => {
    for (const folder of folders) rmSync(folder, { recursive: true, force: true })
    folders = []
  })
  return {
    make() {
      const folder = mkdtempSync(join(tmpdir(), 'control-room-'))
      folders.push(folder)
      return folder
    },
  }
}
