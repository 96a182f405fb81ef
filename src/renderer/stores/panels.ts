import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import { PANELS, type PanelName } from '@/desk/panelNames.ts'
import { keep, readKept } from '@/lib/keptHere.ts'

interface Kept {
  /** How much of the room's height the terminal has. */
  readonly terminalShare: number
  readonly shared: SharedPlace
}

/** Performance and secrets share a place. */
export type SharedPlace = 'performance' | 'secrets'

const KEPT_AT = 'iron-cage.panels'
const USUAL: Kept = { terminalShare: 0.36, shared: 'performance' }
const LEAST_SHARE = 0.12
const MOST_SHARE = 0.75

const withinShare = (share: number): number => Math.min(MOST_SHARE, Math.max(LEAST_SHARE, share))

function readLayout(): Kept {
  try {
    const kept = JSON.parse(readKept(KEPT_AT) ?? '{}') as Partial<Record<keyof Kept, unknown>>
    return {
      terminalShare: typeof kept.terminalShare === 'number' && Number.isFinite(kept.terminalShare) ? withinShare(kept.terminalShare) : USUAL.terminalShare,
      shared: kept.shared === 'secrets' ? 'secrets' : 'performance',
    }
  } catch {
    // Something else was kept there.
    return USUAL
  }
}

/** Which panels are in sight and how much room they have; remembered by this browser. */
export const usePanelsStore = defineStore('panels', () => {
  const kept = readLayout()
  const terminalShare = shallowRef(kept.terminalShare)
  const shared = shallowRef<SharedPlace>(kept.shared)
  /** The one that has the room of all; null is all of them. */
  const large = shallowRef<PanelName | null>(null)

  watch([terminalShare, shared], () => {
    keep(KEPT_AT, JSON.stringify({ terminalShare: terminalShare.value, shared: shared.value } satisfies Kept))
  })

  /** Brings one into sight where another stands in its place. */
  function show(name: PanelName): void {
    if (name === 'performance' || name === 'secrets') shared.value = name
    if (large.value !== null && large.value !== name) large.value = name
  }

  function enlarge(name: PanelName): void {
    show(name)
    large.value = name
  }

  return {
    names: PANELS,
    terminalShare,
    shared,
    large,
    show,
    enlarge,
    shrink: () => {
      large.value = null
    },
    resize: (share: number) => {
      terminalShare.value = withinShare(share)
    },
  }
})
