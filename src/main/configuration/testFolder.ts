import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder for one test. `write` makes a file in it and gives its path. */
export interface TestFolder {
  readonly path: string
  write(name: string, text: string, mode?: number): string
  remove(): void
}

export function createTestFolder(): TestFolder {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'iron-cage-')))
  return {
    path,
    write(name, text, mode) {
      const file = join(path, name)
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, text)
      if (mode !== undefined) chmodSync(file, mode)
      return file
    },
    remove: () => rmSync(path, { recursive: true, force: true }),
  }
}
