import { defineStore } from 'pinia'
import { markRaw, shallowRef } from 'vue'
import type { Event } from '../../shared/domain/event.ts'
import type { FeedView } from '@/room/eventFeed.ts'

/** Counts the starts of the room that this page lived through: what the room kept in memory has gone with each. */
export const useRoomStartsStore = defineStore('roomStarts', () => {
  const count = shallowRef(0)

  function receive(events: readonly Event[]): void {
    count.value += events.filter((event) => event.name === 'room.started').length
  }

  return { view: markRaw<FeedView>({ seq: () => Number.POSITIVE_INFINITY, load: async () => {}, receive }), count }
})
