import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { AgentId } from '../../shared/domain/agent.ts'
import { DemoSpeed, LeadNumber } from '../../shared/domain/demo.ts'
import { SecretId } from '../../shared/domain/secret.ts'
import { createTurns } from '../turns.ts'

const Mark = z.object({ lead: LeadNumber, isOn: z.boolean(), firedAtLead: LeadNumber.nullable() })

/** What the demo has to know of itself when the room was killed in its midst. */
const KeptRun = z.object({
  agentId: AgentId,
  secretId: SecretId.nullable(),
  /** Where its services were, which its agent still knows. */
  port: z.int().min(1).max(65_535),
  speed: DemoSpeed,
  lead: z.int().min(0).max(100),
  marks: z.object({ 'rate-limit': Mark, rotation: Mark, 'private-data': Mark, budget: Mark }),
})
export type KeptRun = z.infer<typeof KeptRun>

export interface RunFile {
  /** Null where there is none, or none that can be read. */
  read(): Promise<KeptRun | null>
  write(run: KeptRun): Promise<void>
  remove(): Promise<void>
}

export function createRunFile(folder: string): RunFile {
  const file = join(folder, 'run.json')
  const inTurn = createTurns<'file'>()
  return {
    async read() {
      try {
        return KeptRun.parse(JSON.parse(await readFile(file, 'utf8')))
      } catch {
        return null
      }
    },
    write: (run) =>
      inTurn('file', async () => {
        await writeFile(`${file}.new`, JSON.stringify(run), { mode: 0o600 })
        await rename(`${file}.new`, file)
      }),
    remove: () => inTurn('file', () => rm(file, { force: true })),
  }
}
