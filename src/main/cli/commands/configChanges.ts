import { resolve } from 'node:path'
import type { SettingChange } from '../../../shared/contract/settings.ts'
import { AppError, type JsonValue } from '../../../shared/errors.ts'
import { showSetting, tellEffect, tellInUse, tellOutranked } from '../../../shared/settingSentences.ts'
import { withClient, type CommandContext } from '../context.ts'
import { exitCode } from '../exitCodes.ts'

const WORDS = ['set', 'unset'] as const
type Word = (typeof WORDS)[number]

/** What is to be changed in the user settings; null where something else is wanted. */
export function changeIn({ line, callerFolder }: Pick<CommandContext, 'line' | 'callerFolder'>): SettingChange | null {
  const [first, key, value] = line.operands
  const word = WORDS.find((one) => one === first)
  if (word === undefined) {
    if (key === undefined) return null
    throw refused(`"${key.slice(0, 60)}" is one word too many for iron_cage config.`)
  }
  if (line.options.explain !== undefined || line.options.config !== undefined) throw refused(`iron_cage config ${word} is about settings.yaml; say it without --explain and --config.`)
  if (key === undefined) throw refused(`iron_cage config ${word} needs the name of a setting; iron_cage config lists them all.`)
  const change = { key, ...valueFor(word, key, value) }
  // In the file it starts from the file's own folder; here from where it was typed.
  return key === 'prices' && typeof change.value === 'string' ? { key, value: resolve(callerFolder, change.value) } : change
}

function valueFor(word: Word, key: string, value: string | undefined): { value?: JsonValue } {
  if (word === 'set' && value === undefined) throw refused(`iron_cage config set ${key.slice(0, 60)} needs a value; to take it out of the file, say iron_cage config unset ${key.slice(0, 60)}.`)
  if (word === 'unset' && value !== undefined) throw refused(`"${value.slice(0, 60)}" is one word too many for iron_cage config unset.`)
  return value === undefined ? {} : { value: listOrText(value) }
}

/** A list or a table may be written as JSON; everything else is read as after a flag. */
function listOrText(text: string): JsonValue {
  if (!/^[[{]/.test(text)) return text
  try {
    return JSON.parse(text) as JsonValue
  } catch {
    return text
  }
}

/** Changes it in the room that runs, or in one opened for that, and says what holds now. */
export function changeSetting(context: CommandContext, change: SettingChange): Promise<number> {
  return withClient(context, async (client) => {
    const { settings } = await client.request('settings.change', { changes: [change] })
    const now = settings.find(({ key }) => key === change.key)
    if (context.line.options.json) await context.screen.out(`${JSON.stringify(now ?? null, null, 2)}\n`)
    else if (now) {
      const sentences = [`${now.key} is ${showSetting(now.layers[0]?.value)}.`, tellOutranked(now), tellInUse(now) ?? tellEffect(now)]
      await context.screen.out(`${sentences.filter((sentence) => sentence !== null).join(' ')}\n`)
    }
    return exitCode('done')
  })
}

function refused(message: string): AppError {
  return new AppError('INVALID_INPUT', message)
}
