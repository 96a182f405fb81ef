import { defineStore } from 'pinia'
import { shallowRef, watch } from 'vue'
import type { AgentId } from '../../shared/domain/agent.ts'
import { AppError } from '../../shared/errors.ts'
import { useRoomConnection } from '@/room/connection.ts'
import { followTerminal, type TerminalFeed, type TerminalScreen } from '@/terminal/terminalFeed.ts'
import { useRoomStartsStore } from './roomStarts.ts'
import { useNoticesStore } from './notices.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** What one message may carry; a larger paste goes in pieces. */
const LARGEST_INPUT = 500_000
const RECORDED_LINES = 1_000

/** In pieces that a message can carry; a letter of two halves stays whole. */
function* piecesOf(text: string): Generator<string> {
  for (let at = 0; at < text.length; ) {
    const end = at + LARGEST_INPUT
    const isCut = end < text.length && (text.codePointAt(end - 1) ?? 0) > 0xffff
    const piece = text.slice(at, isCut ? end - 1 : end)
    yield piece
    at += piece.length
  }
}

/** The way between the agents' terminals and their screens on this page. */
export const useTerminalsStore = defineStore('terminals', () => {
  const connection = useRoomConnection()
  const roomStarts = useRoomStartsStore()
  const notices = useNoticesStore()
  /** The size that the next agent's terminal will have here. */
  const lastSize = shallowRef<TerminalSize | null>(null)
  const feeds = new Map<AgentId, TerminalFeed>()

  watch(
    () => roomStarts.count,
    () => {
      for (const feed of feeds.values()) feed.beginAnew()
    },
  )

  function attach(agentId: AgentId, screen: TerminalScreen): () => void {
    const feed = followTerminal(connection, agentId, screen)
    feeds.set(agentId, feed)
    return () => {
      feed.close()
      if (feeds.get(agentId) === feed) feeds.delete(agentId)
    }
  }

  /** What an agent of an earlier day printed last; the room keeps it on disk only. */
  async function recordedLines(agentId: AgentId): Promise<string[]> {
    const { lines } = await connection.client.request('terminal.tail', { agentId, lines: RECORDED_LINES })
    return lines.map((line) => line.text)
  }

  async function type(agentId: AgentId, text: string): Promise<void> {
    try {
      for (const data of piecesOf(text)) await connection.client.request('terminal.write', { agentId, data })
    } catch (problem) {
      notices.fail(problem)
    }
  }

  async function resize(agentId: AgentId, size: TerminalSize): Promise<void> {
    try {
      await connection.client.request('terminal.resize', { agentId, ...size })
    } catch (problem) {
      // After a reconnection the size is given again.
      if (!(problem instanceof AppError) || problem.code !== 'UNAVAILABLE') notices.fail(problem)
    }
  }

  return { lastSize, attach, recordedLines, type, resize }
})
