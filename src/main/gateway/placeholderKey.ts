/** SDKs refuse to start without a key; this one is good for the simulated provider and nobody else. */
export const PLACEHOLDER_KEY = 'sk-simulated-iron-cage'

const PLACEHOLDER_START = 'sk-simulated-'

export function isPlaceholderKey(key: string): boolean {
  return key.startsWith(PLACEHOLDER_START)
}
