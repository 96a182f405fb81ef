import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Updater } from './updates.ts'

/** electron-updater, where this package can be updated at all. */
export async function loadUpdater(): Promise<Updater> {
  // It holds who must have signed a new version. A package that was made without a feed has none, and would take what anybody signed.
  if (!existsSync(join(process.resourcesPath, 'app-update.yml'))) throw new Error('this package was made without a place for new versions.')
  // Of CommonJS, whose exports are made when they are asked for.
  const loaded = (await import('electron-updater')) as unknown as { default: { autoUpdater: Updater } }
  return loaded.default.autoUpdater
}
