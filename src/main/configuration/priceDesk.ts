import { extname, join } from 'node:path'
import type { PriceList } from '../../shared/contract/prices.ts'
import type { ParsedInput } from '../../shared/contract/contract.ts'
import { AppError, type JsonValue } from '../../shared/errors.ts'
import type { PriceTable } from '../budget/prices.ts'
import type { Random } from '../ports.ts'
import { editSettingsText } from './editSettingsText.ts'
import { layOver, type ShippedPrices } from './priceList.ts'
import type { SettingsDesk } from './settingsDesk.ts'
import { parseSettings, readSettingsText } from './settingsFile.ts'
import { writeSettingsText } from './writeSettingsText.ts'

export interface PriceDeskOptions {
  readonly shipped: ShippedPrices
  readonly dataFolder: string
  readonly random: Random
  /** Absolute; null while no file is named in the settings. */
  readonly ownFile: () => string | null
  readonly table: () => PriceTable
  readonly use: (table: PriceTable) => void
  readonly settings: Pick<SettingsDesk, 'change'>
  readonly announce: (keys: readonly string[], actor: string) => Promise<unknown>
}

export type PriceChange = ParsedInput<'price.change'>

/** What models cost, as a room that runs reads and writes it. */
export interface PriceDesk {
  list(): PriceList
  /** One after the other, and after changes of the settings, is for who calls it. */
  change(change: PriceChange, actor: string): Promise<PriceList>
}

/** In the data folder, where no other was named. */
const OWN_FILE = 'prices.yaml'

type Table = { readonly [key: string]: JsonValue }

export function createPriceDesk(options: PriceDeskOptions): PriceDesk {
  const { shipped, dataFolder, random, ownFile, table, use, settings, announce } = options

  const list = (): PriceList => ({ models: [...table().models], asOf: shipped.asOf, file: ownFile() })

  async function change(wanted: PriceChange, actor: string): Promise<PriceList> {
    const named = ownFile()
    // Nothing is own yet: a file that lies there unnamed is not taken up by the way.
    if (named === null && wanted.prices === undefined) return list()
    const file = named ?? join(dataFolder, OWN_FILE)
    if (!['.yaml', '.yml'].includes(extname(file))) throw new AppError('CONFLICT', `${file} is no YAML file; change it by hand, and name it in the settings again.`)
    const before = (await readSettingsText(file)) ?? ''
    const own = parseSettings(file, before).values as Table
    const text = editSettingsText(before, new Map([[wanted.model, entryFor(wanted, own)]]))
    // What cannot be a price list is not written.
    const next = layOver(shipped, parseSettings(file, text).values, file)
    await writeSettingsText(file, text, random.hex(4))
    if (named === null) {
      await settings.change([{ key: 'prices', value: OWN_FILE }], undefined, actor)
    } else {
      use(next)
      await announce(['prices'], actor)
    }
    return list()
  }

  function entryFor({ model, basedOn, prices }: PriceChange, own: Table): JsonValue | undefined {
    if (prices === undefined) return undefined
    const entry = Object.hasOwn(own, model) ? own[model] : undefined
    // Whatever else somebody has written of it stays.
    if (isTable(entry)) return { ...entry, prices: { ...(isTable(entry['prices']) ? entry['prices'] : {}), ...(prices as Table) } }
    const base = basedOn ?? model
    if (shipped.has(base)) return { basedOn: base, prices: prices as Table }
    throw new AppError('INVALID_INPUT', `No price of "${base.slice(0, 80)}" comes with the room; say with basedOn which model ${model.slice(0, 80)} is like.`)
  }

  return { list, change }
}

const isTable = (value: JsonValue | undefined): value is { [key: string]: JsonValue } => typeof value === 'object' && value !== null && !Array.isArray(value)
