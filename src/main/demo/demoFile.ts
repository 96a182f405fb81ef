import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { LeadNumber, type TriggerId } from '../../shared/domain/demo.ts'
import { LARGEST_BUDGET, NANODOLLARS_PER_DOLLAR } from '../../shared/domain/money.ts'
import { AppError, messageOf } from '../../shared/errors.ts'

/** Dollars as a number: what stands here is an invention, and no bill. */
const Dollars = z.number().positive().max(LARGEST_BUDGET / NANODOLLARS_PER_DOLLAR)

const Trigger = z.strictObject({ lead: LeadNumber, on: z.boolean().default(true) })

const DemoFile = z.strictObject({
  budget: Dollars.default(50),
  /** What a lead costs elsewhere. */
  baseline: Dollars.default(1.2069),
  /** What a lead costs while LinkedIn answers. */
  fresh_lead: Dollars.default(0.23),
  /** Where nine tenths of the budget are gone, by so much more, and what all of it costs in the end. */
  past_warning: Dollars.default(0.03),
  total: Dollars.default(55.83),
  leads_per_hour: z.number().positive().max(1_000_000).default(212),
  /** Of everything that is made up: the same seed, the same demo. */
  seed: z.int().min(0).max(4_294_967_295).default(39),
  /** How many seconds the presenter has to rotate the key before it rotates by itself. */
  rotate_after: z.number().min(0).max(3_600).default(30),
  /** Base URLs of real services; without them they are simulated on this machine. Their keys are secrets of the demo's environment. */
  linkedin: z.url().nullable().default(null),
  clearbit: z.url().nullable().default(null),
  triggers: z
    .strictObject({
      'rate-limit': Trigger.prefault({ lead: 34 }),
      rotation: Trigger.prefault({ lead: 50 }),
      'private-data': Trigger.prefault({ lead: 67 }),
      budget: Trigger.prefault({ lead: 85 }),
    } satisfies Record<TriggerId, unknown>)
    .prefault({}),
})
export type DemoFile = z.infer<typeof DemoFile>

/** The demo's own file in its folder, or else the one that comes with the room. */
export async function readDemoFile(folder: string, shippedFolder: string): Promise<DemoFile> {
  const own = join(folder, 'demo.yaml')
  const text = await textOf(own)
  return text === null ? parseDemoFile((await textOf(join(shippedFolder, 'demo.yaml'))) ?? '', 'demo.yaml') : parseDemoFile(text, own)
}

export function parseDemoFile(text: string, file: string): DemoFile {
  let document: unknown
  try {
    document = parse(text)
  } catch (problem) {
    throw new AppError('INVALID_CONFIGURATION', `${file} is no YAML: ${problem instanceof Error ? (problem.message.split('\n')[0] ?? '') : String(problem)}`)
  }
  const read = DemoFile.safeParse(document ?? {})
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw new AppError('INVALID_CONFIGURATION', `${file}: ${issue?.path.join('.') || 'the file'}: ${issue?.message ?? 'it was not understood'}.`)
}

async function textOf(file: string): Promise<string | null> {
  try {
    return await readFile(file, 'utf8')
  } catch (problem) {
    if ((problem as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new AppError('INVALID_CONFIGURATION', `${file} cannot be read: ${messageOf(problem)}.`)
  }
}
