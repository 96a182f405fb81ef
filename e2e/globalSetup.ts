import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findChromium, HOW_TO_GET_CHROMIUM } from './hosts/chromium.ts'
import { whyNoDesktop } from './hosts/electronRuntime.ts'

const root = join(import.meta.dirname, '..')
const BUNDLES = ['out/main/index.js', 'out/main/cli.js', 'out/main/tokenWorker.js', 'out/main/keychainProcess.js', 'out/preload/index.cjs', 'out/renderer/index.html']

/** Says once what every single test would otherwise say in its own confused way. */
export default function globalSetup(): void {
  const missing = BUNDLES.filter((bundle) => !existsSync(join(root, bundle)))
  if (missing.length > 0) throw new Error(`The end-to-end tests run what was built, but ${missing.join(', ')} is missing. Run "npm run build" first.`)
  if (findChromium() === null) throw new Error(HOW_TO_GET_CHROMIUM)
  const reason = whyNoDesktop(root)
  if (reason) process.stdout.write(`desktop: skipped, because ${reason}.\n`)
}
