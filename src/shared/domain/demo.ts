import { z } from 'zod'
import { AgentId } from './agent.ts'
import { Millis } from './units.ts'

/** How fast the demo goes: 1 is the stage, `max` without a pause. */
export const DemoSpeed = z.union([z.number().min(0.1).max(100), z.literal('max')])
export type DemoSpeed = z.infer<typeof DemoSpeed>

/** What is made to happen. Each then goes its way through the same rooms as it would anywhere. */
export const TriggerId = z.enum(['rate-limit', 'rotation', 'private-data', 'budget'])
export type TriggerId = z.infer<typeof TriggerId>

/** Of the hundred. */
export const LeadNumber = z.int().min(1).max(100)

export const DemoTrigger = z.object({
  id: TriggerId,
  /** `LinkedIn stops answering`. */
  title: z.string(),
  /** At which lead it comes. */
  lead: LeadNumber,
  isOn: z.boolean(),
  /** `due`: it is the presenter's turn, and comes by itself at `dueAt` otherwise. `missed`: it could not be done, as the note says. */
  state: z.enum(['waiting', 'due', 'fired', 'missed']),
  /** Where it came; null before. */
  firedAtLead: LeadNumber.nullable(),
  dueAt: Millis.nullable(),
  /** What to know of it now, as a sentence: why it cannot come, or what the presenter may do. */
  note: z.string().nullable(),
})
export type DemoTrigger = z.infer<typeof DemoTrigger>

/** What the agent is made with: LangChain where its Python has it, else the SDK alone. */
export const DemoEngine = z.object({
  kind: z.enum(['langchain', 'sdk']),
  /** The interpreter that runs it; null where none was found. */
  python: z.string().nullable(),
  pythonVersion: z.string().nullable(),
  langchainVersion: z.string().nullable(),
  /** While it is being installed: the last line that was said. */
  installing: z.string().nullable(),
  /** Why it cannot run, or why it runs without LangChain, and what to do, as a sentence; null where all is well. */
  note: z.string().nullable(),
})
export type DemoEngine = z.infer<typeof DemoEngine>

export const DemoRun = z.object({
  agentId: AgentId,
  /** `interrupted`: its process is gone before its end, and it can go on where it was. */
  phase: z.enum(['starting', 'running', 'paused', 'interrupted', 'over']),
  /** The lead that is worked on, or was last; 0 before the first. */
  lead: z.int().min(0).max(100),
  leads: z.int(),
  speed: DemoSpeed,
  /** It runs without a pause until this lead begins. */
  skippingTo: LeadNumber.nullable(),
  /** What comes next, and how long until then at this speed; null where nobody can tell. */
  next: z.object({ id: TriggerId, lead: LeadNumber, inMs: Millis.nullable() }).nullable(),
})
export type DemoRun = z.infer<typeof DemoRun>

/** All that a presenter needs to know; the panels know nothing of it. */
export const Demo = z.object({
  run: DemoRun.nullable(),
  triggers: z.array(DemoTrigger),
  engine: DemoEngine,
  /** Where its results and its own demo.yaml lie. */
  folder: z.string(),
  /** When this was true, so that a countdown can go on. */
  at: Millis,
})
export type Demo = z.infer<typeof Demo>
