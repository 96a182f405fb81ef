import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'

/** The application as installed: from source, from bundles and from a package alike. */
export interface Application {
  readonly folder: string
  readonly version: string
  /** What it is called where people see it. */
  readonly productName: string
  /** The built page, or null where it has not been built. */
  readonly rendererFolder: string | null
}

const NAME = 'iron-cage-control-room'

export function findApplication(from: string = import.meta.dirname): Application {
  for (let folder = from; ; folder = dirname(folder)) {
    const manifest = join(folder, 'package.json')
    if (existsSync(manifest)) {
      const { name, version, productName } = JSON.parse(readFileSync(manifest, 'utf8')) as { name?: string; version?: string; productName?: string }
      if (name === NAME) return { folder, version: version ?? '0.0.0', productName: productName ?? NAME, rendererFolder: builtRenderer(folder) }
    }
    if (dirname(folder) === folder) throw new Error(`The package.json of ${NAME} is missing above ${from}: the installation is incomplete.`)
  }
}

/** What is shipped with an application for other programs to read too, such as Python: beside the archive of a package, into which only Electron can look. */
export function resourcesIn(applicationFolder: string): string {
  return basename(applicationFolder) === 'app.asar' ? dirname(applicationFolder) : join(applicationFolder, 'resources')
}

function builtRenderer(folder: string): string | null {
  const renderer = join(folder, 'out', 'renderer')
  return existsSync(join(renderer, 'index.html')) ? renderer : null
}
