import { z } from 'zod'
import { AgentId } from '../domain/agent.ts'
import { SimulatedFailure } from '../domain/simulatedFailure.ts'
import { command } from './define.ts'

export const gatewayCommands = {
  'simulator.fail': command({
    summary: 'Tells the simulated provider to fail an agent’s next calls.',
    least: 'admin',
    http: 'POST /agents/:agentId/simulator',
    input: z.strictObject({ agentId: AgentId, failures: z.array(SimulatedFailure).min(1).max(100) }),
    output: z.object({}),
  }),
}
