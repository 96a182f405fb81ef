import { z } from 'zod'
import { command } from './define.ts'
import { Origin } from './launch.ts'

/** How a page asks for a setting. */
export const SettingForm = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('text') }),
  z.object({ kind: z.literal('number'), least: z.int(), most: z.int() }),
  z.object({ kind: z.literal('choice'), options: z.array(z.string()) }),
  z.object({ kind: z.literal('switch') }),
  /** One text a line. */
  z.object({ kind: z.literal('list') }),
  /** One of the options for each of the names, or nothing. */
  z.object({ kind: z.literal('pairs'), names: z.array(z.string()), options: z.array(z.string()) }),
])
export type SettingForm = z.infer<typeof SettingForm>

/** What one layer says; as somebody would write it, and never with what only the file may hold. */
export const SettingLayer = z.object({ origin: Origin, source: z.string().nullable(), value: z.json() })
export type SettingLayer = z.infer<typeof SettingLayer>

/** When a change of it is felt. */
export const TakesEffect = z.enum(['at once', 'next start', 'room restart'])
export type TakesEffect = z.infer<typeof TakesEffect>

export const SettingView = z.object({
  key: z.string(),
  /** One line on what it does. */
  summary: z.string(),
  /** Ends the sentence "it must be …". */
  allowed: z.string(),
  form: SettingForm,
  /** Whether null may be said, and is what holds when nobody says anything. */
  isOptional: z.boolean(),
  takesEffect: TakesEffect,
  /** Who says something, in falling order of precedence: the first holds, the last is the default. */
  layers: z.array(SettingLayer).min(1),
  /** Whether the file says more than is shown of it here. */
  isMasked: z.boolean(),
  /** What the room itself still goes by, where that is something else; undefined where it is not. */
  inUse: z.json().optional(),
})
export type SettingView = z.infer<typeof SettingView>

export const Settings = z.object({
  settings: z.array(SettingView),
  /** Where what is written here stands. */
  file: z.string(),
  /** Changes with the file. */
  revision: z.string(),
})
export type Settings = z.infer<typeof Settings>

/** A text is read as after a flag; anything else as a file holds it. Without a value the setting is taken out of the file. */
export const SettingChange = z.strictObject({ key: z.string().min(1).max(60), value: z.json().optional() })
export type SettingChange = z.infer<typeof SettingChange>

export const settingsCommands = {
  'settings.list': command({
    summary: 'Lists the user settings: what each may be, what holds, and who says so.',
    least: 'admin',
    http: 'GET /settings',
    input: z.strictObject({}),
    output: Settings,
  }),
  'settings.check': command({
    summary: 'Tells what is wrong with a value for a setting; nothing is changed.',
    least: 'admin',
    http: 'POST /settings/check',
    input: SettingChange,
    output: z.object({ problem: z.string().nullable() }),
  }),
  'settings.change': command({
    summary: 'Changes user settings in their file, all of them or none; what can hold at once does.',
    least: 'admin',
    http: 'PATCH /settings',
    input: z.strictObject({
      changes: z.array(SettingChange).min(1).max(50),
      /** Refused where the file has changed since. */
      revision: z.string().max(100).optional(),
    }),
    output: Settings,
  }),
}
