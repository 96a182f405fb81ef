import type { Check } from './finding.ts'

export const checkDisplay: Check = async ({ environment, platform }) => {
  if (platform !== 'linux') return { name: 'Display', state: 'ok', message: 'the one of this system', advice: null }
  const { WAYLAND_DISPLAY, DISPLAY } = environment
  const display = WAYLAND_DISPLAY || DISPLAY
  if (display) return { name: 'Display', state: 'ok', message: `${WAYLAND_DISPLAY ? 'Wayland' : 'X11'} at ${display}`, advice: null }
  return {
    name: 'Display',
    state: 'warning',
    message: 'none: neither DISPLAY nor WAYLAND_DISPLAY is set',
    advice: 'The browser host works without one; for the desktop window, start it in a desktop session.',
  }
}
