import { join } from 'node:path'
import { findApplication } from './application.ts'
import { findCallerFolder } from './cli/callerFolder.ts'
import { dataFolder } from './configuration/dataFolder.ts'
import { runDesktop } from './desktop/desktopHost.ts'

// What Node reports of a crash, where it is asked to, leaves out what may hold the master key.
process.report.excludeEnv = true
const { folder, productName } = findApplication()
const callerFolder = findCallerFolder(process.env, process.cwd())

/** Electron's entry. */
runDesktop({
  callerFolder,
  productName,
  dataFolder: dataFolder(process.env, process.platform, callerFolder),
  preload: join(folder, 'out/preload/index.cjs'),
  rendererFolder: join(folder, 'out/renderer'),
})
