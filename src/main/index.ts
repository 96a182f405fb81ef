import { join } from 'node:path'
import { findApplication } from './application.ts'
import { dataFolder } from './configuration/dataFolder.ts'
import { runDesktop } from './desktop/desktopHost.ts'

const { folder, version } = findApplication()

/** Electron's entry. */
runDesktop({
  version,
  dataFolder: dataFolder(process.env, process.platform),
  preload: join(folder, 'out/preload/index.cjs'),
  rendererFolder: join(folder, 'out/renderer'),
})
