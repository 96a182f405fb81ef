import type { Announcement } from '../../shared/domain/event.ts'
import type { PriceTable } from '../budget/prices.ts'
import type { Random } from '../ports.ts'
import { createTurn } from '../turns.ts'
import type { LaunchPlanner } from './launchPlanner.ts'
import type { FlagValues } from './layers.ts'
import { createPriceDesk, type PriceDesk } from './priceDesk.ts'
import { readPriceList, readShippedPrices } from './priceList.ts'
import { lastingValues, type RoomValues } from './settings.ts'
import { createSettingsDesk, type SettingsDesk } from './settingsDesk.ts'

export interface SettingsOptions {
  readonly dataFolder: string
  readonly applicationFolder: string
  readonly planner: Pick<LaunchPlanner, 'room' | 'layers'>
  readonly flags?: FlagValues
  readonly random: Random
  /** With which the room opens. */
  readonly values: RoomValues
  readonly announce: (announcement: Announcement) => Promise<unknown>
  /** Other values are in use now. */
  readonly onUsed: (values: RoomValues) => Promise<void>
  readonly onDefect: (defect: unknown, where: string) => unknown
}

/** What the room goes by at each moment, and who changes it. */
export interface OpenedSettings {
  /** Look each time: it may be another at any moment. */
  readonly current: RoomValues
  /** The same table for as long as the room is open, whatever stands in it. */
  readonly prices: PriceTable
  readonly settingsDesk: SettingsDesk
  readonly priceDesk: PriceDesk
}

export async function openSettings({ dataFolder, applicationFolder, planner, flags, random, values, announce, onUsed, onDefect }: SettingsOptions): Promise<OpenedSettings> {
  const inUse = { values, prices: await readPriceList(applicationFolder, values.prices) }
  const prices: PriceTable = {
    find: (model) => inUse.prices.find(model),
    get ceiling() {
      return inUse.prices.ceiling
    },
    get models() {
      return inUse.prices.models
    },
  }
  const announceChange = (keys: readonly string[], actor: string): Promise<unknown> =>
    announce({ name: 'settings.changed', agentId: null, severity: 'INFO', message: `${actor} changed the settings: ${keys.join(', ')}.`, payload: { keys: [...keys], actor } })
  const settingsDesk = createSettingsDesk({
    dataFolder,
    planner,
    flags,
    random,
    inUse: () => inUse.values,
    prepare: async (next) => {
      const nextPrices = await readPriceList(applicationFolder, next.prices)
      return async () => {
        inUse.prices = nextPrices
        // What is looked at once, when the room opens, stays in use until then.
        inUse.values = { ...next, ...lastingValues(inUse.values) }
        await onUsed(next)
      }
    },
    announce: announceChange,
    onDefect,
  })
  const priceDesk = createPriceDesk({
    shipped: await readShippedPrices(applicationFolder),
    dataFolder,
    random,
    ownFile: () => inUse.values.prices,
    table: () => prices,
    use: (table) => {
      inUse.prices = table
    },
    settings: settingsDesk,
    announce: announceChange,
  })
  // Prices lie in a file that the settings name, and are read again with each change of those: the second of two starts from what the first one has left.
  const inTurn = createTurn()
  return {
    get current() {
      return inUse.values
    },
    prices,
    settingsDesk: { ...settingsDesk, change: (...wanted) => inTurn(() => settingsDesk.change(...wanted)) },
    priceDesk: { ...priceDesk, change: (...wanted) => inTurn(() => priceDesk.change(...wanted)) },
  }
}
