import { z } from 'zod'

/**
 * `missing`: nobody has made a master key yet. `locked`: there is one, and it cannot be reached now. `other-key`: what is kept here was
 * encrypted with another one. `damaged`: what it was to open is no longer what it was.
 */
export const KeyState = z.enum(['open', 'missing', 'locked', 'other-key', 'damaged'])
export type KeyState = z.infer<typeof KeyState>

export const KeySource = z.enum(['environment', 'keychain', 'file'])
export type KeySource = z.infer<typeof KeySource>
