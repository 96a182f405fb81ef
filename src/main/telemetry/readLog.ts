import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Severity } from '../../shared/domain/event.ts'
import type { JsonValue } from '../../shared/errors.ts'
import { LOG_FILE, listRotated, logFolder } from './logFiles.ts'
import type { RedactedEntry } from './redactEntry.ts'

export interface LogQuery {
  readonly agentId?: string
  readonly limit: number
}

/** The last entries, oldest first. A line that a crash tore is passed over. */
export async function readLog(folder: string, { agentId, limit }: LogQuery): Promise<RedactedEntry[]> {
  let found: RedactedEntry[] = []
  for (const path of newestFirst(logFolder(folder))) {
    if (found.length >= limit) break
    const entries = (await linesOf(path)).flatMap((line) => parseLine(line) ?? [])
    const matching = agentId === undefined ? entries : entries.filter((entry) => entry.agentId === agentId)
    found = [...matching.slice(-(limit - found.length)), ...found]
  }
  return found
}

function newestFirst(folder: string): string[] {
  try {
    return [...listRotated(folder).map(({ path }) => path), join(folder, LOG_FILE)].reverse()
  } catch (problem) {
    if (isMissing(problem)) return []
    throw problem
  }
}

async function linesOf(path: string): Promise<string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n')
  } catch (problem) {
    // Rotated or forgotten between listing and reading.
    if (isMissing(problem)) return []
    throw problem
  }
}

function isMissing(problem: unknown): boolean {
  return (problem as NodeJS.ErrnoException).code === 'ENOENT'
}

function parseLine(line: string): RedactedEntry | null {
  try {
    const { ts, level, agent_id: agentId, user_id: userId, event, msg, ...fields } = JSON.parse(line) as Record<string, JsonValue>
    const severity = Severity.safeParse(level)
    if (typeof ts !== 'string' || typeof msg !== 'string' || typeof event !== 'string' || !severity.success) return null
    return { at: Date.parse(ts), level: severity.data, event, msg, agentId: textOrNull(agentId), userId: textOrNull(userId), fields }
  } catch {
    return null
  }
}

function textOrNull(value: JsonValue | undefined): string | null {
  return typeof value === 'string' ? value : null
}
