import { expect, it } from 'vitest'
import { AgentId } from '../../shared/domain/agent.ts'
import type { Random } from '../ports.ts'
import { createAgentId } from './agentId.ts'

const random: Random = { hex: (bytes) => '7a3f9c2d'.slice(0, bytes * 2), fraction: () => 0 }

it.each([
  ['lead_gen_agent.py', 'lg-7a3f9c2d'],
  ['/home/x/Lead-Gen Agent.py', 'lg-7a3f9c2d'],
  ['leadGenAgent.ts', 'lg-7a3f9c2d'],
  ['agent.py', 'ag-7a3f9c2d'],
  ['x.js', 'xa-7a3f9c2d'],
  ['2fast 4you', '24-7a3f9c2d'],
  ['Überwachung.py', 'ub-7a3f9c2d'],
  ['代理.py', 'ag-7a3f9c2d'],
  ['...', 'ag-7a3f9c2d'],
])('%s becomes %s', (script, id) => {
  expect(createAgentId(script, random)).toBe(id)
  expect(AgentId.safeParse(id).success).toBe(true)
})
