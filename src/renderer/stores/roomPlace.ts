import { defineStore } from 'pinia'
import { shallowRef } from 'vue'

/** What fills the room: the agents, or what belongs to all of them. */
export const useRoomPlaceStore = defineStore('roomPlace', () => {
  const place = shallowRef<'agents' | 'secrets' | 'settings'>('agents')
  return { place }
})
