import { join } from 'node:path'
import { findRuntime } from '../../scripts/desktopRuntime.ts'

/** Why the real Electron cannot run here, in one line; null when it can. */
export function whyNoDesktop(root: string): string | null {
  if (findElectron(root) === null) return "Electron's runtime is not installed (npm run desktop-runtime fetches it)"
  const isLinux = process.platform === 'linux'
  if (isLinux && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) return 'there is no display (xvfb-run gives one)'
  return null
}

export function findElectron(root: string): string | null {
  return findRuntime(join(root, 'node_modules/electron'))
}
