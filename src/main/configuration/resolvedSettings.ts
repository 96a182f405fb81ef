import type { ExplainedSetting, Origin } from '../../shared/contract/launch.ts'
import type { Layer, Said } from './layers.ts'
import type { Setting } from './setting.ts'
import { SETTING_KEYS, settingOf, type SettingKey, type SettingValue, type SettingValues } from './settings.ts'

/** All layers laid over one another: who speaks first, of those who say something, is right. */
export interface Resolved {
  readonly values: SettingValues
  /** Who decided; null where the default did. */
  decidedBy<K extends SettingKey>(key: K): (Said & { readonly value: SettingValue<K>; readonly origin: Origin }) | null
  explain(of: Setting<unknown>['of']): ExplainedSetting[]
}

/** Layers come in falling order of precedence. */
export function resolveLayers(layers: readonly Layer[]): Resolved {
  function decidedBy(key: SettingKey): (Said & { origin: Origin }) | null {
    for (const { origin, said } of layers) {
      const found = said.get(key)
      if (found) return { ...found, origin }
    }
    return null
  }

  const values = Object.fromEntries(SETTING_KEYS.map((key) => [key, decidedBy(key)?.value ?? settingOf(key).fallback]))
  const variables = mergeVariables(layers)
  values.variables = Object.fromEntries(Object.entries(variables).map(([name, { value }]) => [name, value]))

  return {
    values: values as SettingValues,
    decidedBy: decidedBy as Resolved['decidedBy'],
    explain(of) {
      return SETTING_KEYS.filter((key) => settingOf(key).of === of).flatMap((key): ExplainedSetting[] => {
        const { kind, fallback, summary } = settingOf(key)
        const names = Object.entries(variables)
        if (key === 'variables' && names.length > 0) return names.map(([name, one]) => ({ key: `variables.${name}`, ...one, summary }))
        const found = decidedBy(key)
        const value = kind.show(found ? found.value : fallback)
        return [{ key, value, origin: found?.origin ?? 'default', source: found?.source ?? null, summary }]
      })
    },
  }
}

/** Variables are the one setting of which every layer may say a part. */
function mergeVariables(layers: readonly Layer[]): Record<string, { value: string; origin: Origin; source: string }> {
  const merged: Record<string, { value: string; origin: Origin; source: string }> = {}
  for (const { origin, said } of layers) {
    const found = said.get('variables')
    for (const [name, value] of Object.entries((found?.value ?? {}) as Record<string, string>)) {
      if (!Object.hasOwn(merged, name)) merged[name] = { value, origin, source: found?.source ?? '' }
    }
  }
  return merged
}
