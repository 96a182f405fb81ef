import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** The application as installed: from source, from bundles and from a package alike. */
export interface Application {
  readonly folder: string
  readonly version: string
  /** The built page, or null where it has not been built. */
  readonly rendererFolder: string | null
}

const NAME = 'iron-cage-control-room'

export function findApplication(from: string = import.meta.dirname): Application {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) {
      const { name, version } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string }
      if (name === NAME) return { folder, version: version ?? '0.0.0', rendererFolder: builtRenderer(folder) }
    }
    if (dirname(folder) === folder) throw new Error(`The package.json of ${NAME} is missing above ${from}: the installation is incomplete.`)
  }
}

function builtRenderer(folder: string): string | null {
  const renderer = join(folder, 'out', 'renderer')
  return existsSync(join(renderer, 'index.html')) ? renderer : null
}
