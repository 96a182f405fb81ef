import { defineStore } from 'pinia'
import { shallowRef } from 'vue'
import type { SideTab } from '@/agents/sideTab.ts'

/** What stands beside the terminal, whichever agent is looked at. */
export const useSideTabStore = defineStore('sideTab', () => {
  const tab = shallowRef<SideTab>('activity')
  return { tab }
})
