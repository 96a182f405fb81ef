import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { Demo, DemoSpeed, LeadNumber, TriggerId } from '../domain/demo.ts'
import { Millis } from '../domain/units.ts'
import { command, stream } from './define.ts'

const Nothing = z.strictObject({})

/** For presenters. An audience that looks on sees an agent like any other. */
export const demoCommands = {
  'demo.show': command({ summary: 'Tells how the demo stands.', least: 'admin', http: 'GET /demo', input: Nothing, output: Demo }),
  'demo.start': command({
    summary: 'Starts the demo: its simulated services, its key, its agent.',
    least: 'admin',
    http: 'POST /demo/start',
    input: z.strictObject({ speed: DemoSpeed.default(1) }),
    output: Demo,
  }),
  'demo.pace': command({
    summary: 'Holds the demo, lets it go on, makes it faster, or takes it to a lead without a pause.',
    least: 'admin',
    http: 'POST /demo/pace',
    input: z.strictObject({ isPaused: z.boolean().optional(), speed: DemoSpeed.optional(), skipTo: LeadNumber.nullable().optional() }),
    output: Demo,
  }),
  'demo.change': command({
    summary: 'Moves what is made to happen to another lead, or switches it on or off.',
    least: 'admin',
    http: 'PUT /demo/triggers/:trigger',
    input: z.strictObject({ trigger: TriggerId, lead: LeadNumber.optional(), isOn: z.boolean().optional() }),
    output: Demo,
  }),
  'demo.fire': command({
    summary: 'Makes it happen now.',
    least: 'admin',
    http: 'POST /demo/triggers/:trigger/fire',
    input: z.strictObject({ trigger: TriggerId }),
    output: Demo,
  }),
  'demo.goOn': command({
    summary: 'Starts an interrupted demo again at the lead that it was at.',
    least: 'admin',
    http: 'POST /demo/go-on',
    input: Nothing,
    output: Demo,
  }),
  'demo.reset': command({
    summary: 'Brings the demo back to its start: its agent, its key and its results go; nothing else does.',
    least: 'admin',
    http: 'POST /demo/reset',
    input: Nothing,
    output: Demo,
  }),
  'demo.install': command({
    summary: 'Installs LangChain for the demo, in a folder of its own.',
    least: 'admin',
    http: 'POST /demo/langchain',
    input: Nothing,
    output: Demo,
  }),
  'demo.turn': command({
    summary: 'The agent of the demo asks whether a lead may begin.',
    least: 'agent',
    http: 'POST /agents/:agentId/demo/turn',
    input: z.strictObject({ agentId: AgentId, lead: LeadNumber }),
    /** `waitMs` is 0 where it may; else it asks again after so long. */
    output: z.object({ waitMs: Millis, speed: DemoSpeed }),
  }),
}

export const demoStreams = {
  'demo.follow': stream({ summary: 'Follows how the demo stands: now, and whenever that changes.', least: 'admin', input: Nothing, item: Demo }),
}
