import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Why the real Electron cannot run here, in one line; null when it can. */
export function whyNoDesktop(root: string): string | null {
  if (findElectron(root) === null) return "Electron's runtime is not installed (npx install-electron fetches it)"
  const isLinux = process.platform === 'linux'
  if (isLinux && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display (xvfb-run gives one)'
  return null
}

/** The runtime's executable. The package itself would start a download when asked for it. */
export function findElectron(root: string): string | null {
  const folder = join(root, 'node_modules/electron')
  const note = join(folder, 'path.txt')
  if (!existsSync(note)) return null
  const executable = join(folder, 'dist', readFileSync(note, 'utf8').trim())
  return existsSync(executable) ? executable : null
}
