import type { Settings, SettingView } from '../../shared/contract/settings.ts'
import type { JsonValue } from '../../shared/errors.ts'

/** Invented settings, for specs only. */

const SETTINGS_FILE = '/data/settings.yaml'

interface SampleOptions extends Partial<Omit<SettingView, 'layers'>> {
  readonly fallback?: JsonValue
  /** What the file says. */
  readonly inFile?: JsonValue
  /** What a variable says. */
  readonly inVariable?: JsonValue
}

export function sampleSetting(key: string, { fallback = null, inFile, inVariable, ...changes }: SampleOptions = {}): SettingView {
  return {
    key,
    summary: `What ${key} does.`,
    allowed: 'something',
    form: { kind: 'text' },
    isOptional: fallback === null,
    takesEffect: 'at once',
    isMasked: false,
    ...changes,
    layers: [
      ...(inVariable === undefined ? [] : [{ origin: 'environment' as const, source: `IRON_CAGE_${key.toUpperCase()}`, value: inVariable }]),
      ...(inFile === undefined ? [] : [{ origin: 'user settings' as const, source: SETTINGS_FILE, value: inFile }]),
      { origin: 'default', source: null, value: fallback },
    ],
  }
}

export function sampleSettings(settings: readonly SettingView[], revision = 'first'): Settings {
  return { settings: [...settings], file: SETTINGS_FILE, revision }
}
